"""Who may reach a project's database from outside."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.bodies import Body, Text
from supamanager_api.http.routing import Router
from supamanager_api.projects import restrictions
from supamanager_api.projects.model import ProjectRow

router = Router(tags=["network"])

Listed = Annotated[list[Text], Field(max_length=256)]


class Ranges(Body):
    v4: Listed = Field([], alias="dbAllowedCidrs")
    v6: Listed = Field([], alias="dbAllowedCidrsV6")

    @property
    def all(self) -> list[str]:
        return [*self.v4, *self.v6]


class ChangeRanges(Body):
    add: Ranges = Ranges()
    remove: Ranges = Ranges()


class State(TypedDict):
    entitlement: Literal["allowed"]
    status: Literal["applied", "stored"]


class Allowed(TypedDict):
    dbAllowedCidrs: list[str]
    dbAllowedCidrsV6: list[str]


class Restrictions(State):
    config: Allowed


class Address(TypedDict):
    address: str
    type: Literal["v4", "v6"]


class Addresses(TypedDict):
    dbAllowedCidrs: list[Address]


class ChangedRestrictions(State):
    config: Addresses


@router.get("/projects/{ref}/network-restrictions", response_model=Restrictions)
async def get_network_restrictions(project: ProjectDep) -> JSONResponse:
    """Empty lists mean that nobody outside reaches the database."""
    return JSONResponse(_told(project))


@router.post(
    "/projects/{ref}/network-restrictions/apply",
    status_code=201,
    response_model=Restrictions,
    responses=failures.INTENT,
)
async def apply_network_restrictions(ref: str, body: Ranges, context: ContextDep) -> JSONResponse:
    """These ranges and no others."""
    row = await context.projects.edit(ref, partial(restrictions.change, wanted=body.all))
    return JSONResponse(_told(row), 201)


@router.patch(
    "/projects/{ref}/network-restrictions",
    response_model=ChangedRestrictions,
    responses=failures.INTENT,
)
async def change_network_restrictions(
    ref: str, body: ChangeRanges, context: ContextDep
) -> JSONResponse:
    """Some ranges more, some less."""

    def change(row: ProjectRow) -> dict[str, Any]:
        kept = restrictions.less(restrictions.ranges(row), body.remove.all)
        return restrictions.change(row, [*kept, *body.add.all])

    row = await context.projects.edit(ref, change)
    entries: list[Address] = [
        {"address": each, "type": "v4" if restrictions.version(each) == 4 else "v6"}
        for each in restrictions.ranges(row)
    ]
    told: ChangedRestrictions = {**_state(row), "config": {"dbAllowedCidrs": entries}}
    return JSONResponse(told)


def _told(row: ProjectRow) -> Restrictions:
    found = restrictions.ranges(row)
    return {
        **_state(row),
        "config": {
            "dbAllowedCidrs": [each for each in found if restrictions.version(each) == 4],
            "dbAllowedCidrsV6": [each for each in found if restrictions.version(each) == 6],
        },
    }


def _state(row: ProjectRow) -> State:
    return {
        "entitlement": "allowed",
        "status": "applied" if restrictions.applied(row) else "stored",
    }
