"""The host that a project has besides the platform's, read from its resource."""

from __future__ import annotations

from typing import Any, Final, Literal

from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from supamanager_api import errors
from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http.routing import Router
from supamanager_api.projects.hostname import Hostname

router = Router(tags=["custom hostname"])

_NONE: Final = "The project has no custom hostname configuration"
"""Studio knows these words, and shows the page of a project that has none."""


class Failure(TypedDict):
    message: str


class Certificate(TypedDict):
    status: Literal["active", "pending_deployment"]
    validation_records: list[Any]
    """Nobody is asked to prove with records that the name is theirs: always empty."""
    validation_errors: list[Failure]


class Ownership(TypedDict):
    type: str
    name: str
    value: str


class Result(TypedDict):
    id: str
    hostname: str
    ssl: Certificate
    ownership_verification: Ownership
    custom_origin_server: str
    status: Literal["active", "pending"]
    verification_errors: list[str]


class Data(TypedDict):
    success: Literal[True]
    errors: list[Any]
    messages: list[Any]
    result: Result


class CustomHostname(TypedDict):
    status: Literal["2_initiated", "5_services_reconfigured"]
    custom_hostname: str
    data: Data


@router.get("/projects/{ref}/custom-hostname", response_model=CustomHostname)
async def get_custom_hostname(project: ProjectDep, context: ContextDep) -> JSONResponse:
    """The host of `spec.http.host`, if it is not the one that the platform gives; else 400."""
    platforms = f"{project.project_ref}.{context.settings.domain_base}"
    conditions = await context.projects.conditions(project)
    found = Hostname.of(project, conditions, platforms=platforms)
    if found is None:
        raise errors.Invalid(_NONE)
    return JSONResponse(_told(found, ref=project.project_ref, origin=platforms))


def _told(found: Hostname, *, ref: str, origin: str) -> CustomHostname:
    reached = not found.waits_for
    missing = [found.waits_for] if found.waits_for else []
    return {
        "status": "5_services_reconfigured" if reached else "2_initiated",
        "custom_hostname": found.name,
        "data": {
            "success": True,
            "errors": [],
            "messages": [],
            "result": {
                "id": ref,
                "hostname": found.name,
                "ssl": {
                    "status": "active" if reached else "pending_deployment",
                    "validation_records": [],
                    "validation_errors": [{"message": each} for each in missing],
                },
                "ownership_verification": {"type": "", "name": "", "value": ""},
                "custom_origin_server": origin,
                "status": "active" if reached else "pending",
                "verification_errors": missing,
            },
        },
    }
