"""A project's size as Terraform reads and sets it: the one add-on."""

from __future__ import annotations

from typing import Final, Literal

from starlette.responses import Response
from typing_extensions import TypedDict

from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http import addons, failures
from supamanager_api.http.platform import lifecycle
from supamanager_api.http.routing import Router

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


_FREE: Final[Price] = {"description": "", "type": "fixed", "interval": "monthly", "amount": 0}


@router.get("/projects/{ref}/billing/addons")
async def list_v1_addons(project: ProjectDep) -> addons.AddOns[Variant]:
    """The size is the one add-on, and nothing costs anything."""
    return addons.listed(project, _variant)


@router.patch("/projects/{ref}/billing/addons", response_class=Response, responses=failures.INTENT)
async def set_v1_addon(ref: str, body: lifecycle.AddOn, context: ContextDep) -> Response:
    await lifecycle.choose(context, ref, body)
    return Response(status_code=200)


def _variant(variant: str, size: str) -> Variant:
    return {"id": variant, "name": size.capitalize(), "price": _FREE}
