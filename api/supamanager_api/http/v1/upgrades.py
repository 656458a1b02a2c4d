"""Changing to another release of the stack. None is offered here: whoever has one to change to
writes it into the resource, and what comes of it is told."""

from __future__ import annotations

from typing import Any, Literal

from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from supamanager_api.deps import ProjectDep
from supamanager_api.http.answers import Instant
from supamanager_api.http.platform import project_shapes as shapes
from supamanager_api.http.routing import Router
from supamanager_api.projects.status import Word

router = Router(tags=["upgrades"])
platform = Router(tags=["upgrades"])
"""The same under the path of the original product."""


class Eligibility(TypedDict):
    eligible: Literal[False]
    current_app_version: str
    current_app_version_release_channel: str
    latest_app_version: str
    target_upgrade_versions: list[dict[str, Any]]
    duration_estimate_hours: int
    legacy_auth_custom_roles: list[str]
    objects_to_be_dropped: list[str]
    unsupported_extensions: list[str]
    user_defined_objects_in_internal_schemas: list[str]
    validation_errors: list[dict[str, Any]]


class Upgrade(TypedDict):
    initiated_at: Instant
    latest_status_at: Instant
    target_version: int
    status: int
    progress: str


class UpgradeStatus(TypedDict):
    databaseUpgradeStatus: Upgrade | None


@router.get("/projects/{ref}/upgrade/eligibility", response_model=Eligibility)
async def get_upgrade_eligibility(project: ProjectDep) -> JSONResponse:
    """No upgrade is offered; the version is the database's, once it is known."""
    current = next((each["version"] for each in shapes.versions(project)), "")
    told: Eligibility = {
        "eligible": False,
        "current_app_version": current,
        "current_app_version_release_channel": "ga",
        "latest_app_version": current,
        "target_upgrade_versions": [],
        "duration_estimate_hours": 0,
        "legacy_auth_custom_roles": [],
        "objects_to_be_dropped": [],
        "unsupported_extensions": [],
        "user_defined_objects_in_internal_schemas": [],
        "validation_errors": [],
    }
    return JSONResponse(told)


@router.get("/projects/{ref}/upgrade/status", response_model=UpgradeStatus)
async def get_upgrade_status(project: ProjectDep) -> JSONResponse:
    """The change of release that is going on."""
    told: UpgradeStatus = {"databaseUpgradeStatus": None}
    if project.status is Word.UPGRADING:
        since = shapes.instant(project.updated_at)
        told["databaseUpgradeStatus"] = {
            "initiated_at": since,
            "latest_status_at": since,
            "target_version": project.facts.get("postgres") or 0,
            "status": 0,
            "progress": "1_started",
        }
    return JSONResponse(told)


platform.add_api_route(
    "/projects/{ref}/upgrade/status",
    get_upgrade_status,
    name="get_upgrade_status_2024",
    response_model=UpgradeStatus,
)
