"""What a new project can be made of: regions and versions of PostgreSQL."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, get_args

from fastapi import Query
from pydantic import StringConstraints
from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from supamanager_api import errors
from supamanager_api.deps import ContextDep, PrincipalDep
from supamanager_api.http import authorization
from supamanager_api.http.bodies import Body, Text
from supamanager_api.http.platform import project_answers as answers
from supamanager_api.http.platform import project_shapes as shapes
from supamanager_api.http.platform.project_bodies import Engine
from supamanager_api.http.routing import Router
from supamanager_api.projects import regions

router = Router(tags=["projects"])

Provider = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Place(Body):
    provider: Provider = "AWS"
    region: Text | None = None


class RegionOut(TypedDict):
    name: str
    code: str
    type: Literal["smartGroup", "specific"]
    provider: NotRequired[str]


class Recommended(TypedDict):
    smartGroup: RegionOut
    specific: list[RegionOut]


class AllRegions(TypedDict):
    smartGroup: list[RegionOut]
    specific: list[RegionOut]


class Regions(TypedDict):
    recommendations: Recommended
    all: AllRegions


@router.get("/projects/available-regions", response_model=Regions)
async def list_available_regions(
    context: ContextDep,
    principal: PrincipalDep,
    organization_slug: Annotated[str, Query(max_length=64)],
    cloud_provider: Provider = "AWS",
) -> JSONResponse:
    """The regions of the settings; each is there for every provider and size."""
    membership = await context.organizations.by_slug(principal.account.id, organization_slug)
    authorization.enter(context, principal, membership=membership)
    group: RegionOut = {"name": "Anywhere", "code": regions.ANYWHERE, "type": "smartGroup"}
    specific: list[RegionOut] = [
        {"code": region.code, "name": region.name, "type": "specific", "provider": cloud_provider}
        for region in context.settings.regions.values()
    ]
    told: Regions = {
        "recommendations": {"smartGroup": group, "specific": specific[:1]},
        "all": {"smartGroup": [group], "specific": specific},
    }
    return JSONResponse(told)


@router.post("/organizations/{slug}/available-versions", response_model=answers.Versions)
async def list_available_versions(slug: str, body: Place, context: ContextDep) -> JSONResponse:
    """The newest first; which one of a major it is says the release."""
    if regions.find(context.settings.regions, body.region) is None:
        raise errors.Invalid(f"region: there is no region {body.region!r}")
    majors = sorted(map(int, get_args(Engine)), reverse=True)
    told: answers.Versions = {
        "available_versions": [shapes.version(str(major), major=major) for major in majors]
    }
    return JSONResponse(told)
