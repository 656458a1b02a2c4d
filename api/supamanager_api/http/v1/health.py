"""How the services of a project are."""

from __future__ import annotations

from typing import Annotated, NotRequired

from fastapi import Query
from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from supamanager_api import errors
from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http.bodies import Names
from supamanager_api.http.routing import Router
from supamanager_api.projects import health

router = Router(tags=["health"])
platform = Router(tags=["health"])
"""The same under the paths of the original product."""


class HealthOut(TypedDict):
    name: str
    healthy: bool
    status: health.State
    error: NotRequired[str]
    info: NotRequired[dict[str, str]]


@router.get("/projects/{ref}/health", response_model=list[HealthOut])
async def get_project_health(
    project: ProjectDep,
    context: ContextDep,
    services: Annotated[list[Names], Query(max_length=32)] = [],  # noqa: B006
) -> JSONResponse:
    """An entry for each service that is asked for, or for all; always 200: it tells how they are.

    `services` may be given several times, and each may be a list with commas.
    """
    asked = [name for text in services for name in text.split(",") if name]
    if unknown := sorted(set(asked) - health.SERVICES.keys()):
        raise errors.Invalid(f"services: {unknown[0]!r} is none of {', '.join(health.SERVICES)}")
    conditions = await context.projects.conditions(project)
    versions = await context.projects.versions(project)
    told = (
        health.of(project, name, conditions=conditions, versions=versions)
        for name in dict.fromkeys(asked or health.SERVICES)
    )
    return JSONResponse([_told(each) for each in told])


for path, name in (
    ("/projects/{ref}/health", "get_health_2024"),
    ("/project/{ref}/health", "get_health_singular"),
):
    platform.add_api_route(path, get_project_health, name=name, response_model=list[HealthOut])


def _told(each: health.Health) -> HealthOut:
    told: HealthOut = {
        "name": each.name,
        "healthy": each.status == "ACTIVE_HEALTHY",
        "status": each.status,
    }
    if each.error is not None:
        told["error"] = each.error
    if each.info is not None:
        told["info"] = each.info
    return told
