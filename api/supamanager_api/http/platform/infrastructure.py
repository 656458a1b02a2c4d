"""What a project runs on: versions of its services, and its size as an add-on."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel
from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http import addons
from supamanager_api.http.routing import Router
from supamanager_kube.conditions import Type

router = Router(tags=["projects"])


class Variant(TypedDict):
    identifier: str
    name: str
    price: int
    price_description: str
    price_interval: str
    price_type: str


class ProjectAddOns(addons.AddOns[Variant]):
    ref: str


_VERSIONS: Final = {
    "database": "supabase-postgres",
    "auth": "gotrue",
    "rest": "postgrest",
}
"""Component → the name of its version here."""


class Supervisor(BaseModel):
    """`starting`: it has not reported on the project yet; `stalled`: a person must act. `version`
    is the release of the stack."""

    status: Literal["starting", "running", "stalled"]
    version: str | None = None


class SupervisorOut(BaseModel):
    supervisor: Supervisor


@router.get("/projects/{ref}/service-versions", response_model=dict[str, str])
async def list_service_versions(project: ProjectDep, context: ContextDep) -> JSONResponse:
    """Those that the operator has reported."""
    versions = await context.projects.versions(project)
    return JSONResponse(
        {name: versions[key] for key, name in _VERSIONS.items() if versions.get(key)}
    )


@router.get("/projects/{ref}/supervisor")
@router.get("/project/{ref}/supervisor", name="get_supervisor_2024", deprecated=True)
async def get_supervisor(project: ProjectDep, context: ContextDep) -> SupervisorOut:
    """What keeps the project as it was asked to be: the operator."""
    conditions = await context.projects.conditions(project)
    stalled = any(each.type == Type.STALLED and each.status == "True" for each in conditions)
    if project.observed_generation < 0:
        told = Supervisor(status="starting")
    else:
        release = project.facts.get("release")
        told = Supervisor(status="stalled" if stalled else "running", version=release)
    return SupervisorOut(supervisor=told)


@router.get("/projects/{ref}/billing/addons", response_model=ProjectAddOns)
@router.get(
    "/project/{ref}/billing/addons",
    name="list_addons_2024",
    response_model=ProjectAddOns,
    deprecated=True,
)
async def list_addons(project: ProjectDep) -> JSONResponse:
    """The size is the one add-on, and nothing costs anything."""
    told: ProjectAddOns = {"ref": project.project_ref, **addons.listed(project, _variant)}
    return JSONResponse(told)


def _variant(variant: str, size: str) -> Variant:
    return {
        "identifier": variant,
        "name": size.capitalize(),
        "price": 0,
        "price_description": "",
        "price_interval": "monthly",
        "price_type": "fixed",
    }
