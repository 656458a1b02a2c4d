"""A project's size as Terraform reads and sets it: the one add-on."""

from __future__ import annotations

from typing import Final, Literal

from starlette.responses import Response
from typing_extensions import TypedDict

from supamanager_api.deps import ContextDep
from supamanager_api.http import failures
from supamanager_api.http.platform import lifecycle
from supamanager_api.http.routing import Router
from supamanager_api.projects import sizes

router = Router(tags=["projects"])


class Price(TypedDict):
    description: str
    type: Literal["fixed"]
    interval: Literal["monthly"]
    amount: int


class Variant(TypedDict):
    id: str
    name: str
    price: Price


class Selected(TypedDict):
    type: str
    variant: Variant


class Available(TypedDict):
    type: str
    name: str
    variants: list[Variant]


class V1AddOns(TypedDict):
    selected_addons: list[Selected]
    available_addons: list[Available]


_FREE: Final[Price] = {"description": "", "type": "fixed", "interval": "monthly", "amount": 0}


@router.get("/projects/{ref}/billing/addons")
async def list_v1_addons(ref: str, context: ContextDep) -> V1AddOns:
    """The size is the one add-on, and nothing costs anything."""
    size = sizes.of(await context.projects.get(ref))
    variants: dict[str, Variant] = {
        each: {"id": variant, "name": each.capitalize(), "price": _FREE}
        for variant, each in sizes.VARIANTS.items()
    }
    return {
        "selected_addons": [{"type": sizes.ADDON, "variant": variants[size]}],
        "available_addons": [
            {
                "type": sizes.ADDON,
                "name": "Compute instance",
                "variants": list(variants.values()),
            }
        ],
    }


@router.patch("/projects/{ref}/billing/addons", response_class=Response, responses=failures.INTENT)
async def set_v1_addon(ref: str, body: lifecycle.AddOn, context: ContextDep) -> Response:
    await lifecycle.choose(context, ref, body)
    return Response(status_code=200)
