"""A project's settings with its endpoints and keys, in the shapes of both generations of Studio.

Keys that give power over all data are told to roles that may read them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fastapi import APIRouter
from starlette.responses import JSONResponse

from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, MembershipDep
from supamanager_api.http.platform import project_shapes as shapes
from supamanager_api.organizations.model import MembershipRow
from supamanager_api.permissions import Permission
from supamanager_api.projects import keys
from supamanager_api.projects.keys import Keys
from supamanager_api.projects.model import ProjectRow

router = APIRouter(tags=["projects"])

_SERVICE_KEYS: Final = Permission("read:Read", "service_api_keys")
_JWT_SECRET: Final = Permission("read:Read", "field.jwt_secret")


@router.get("/projects/{ref}/settings")
@router.get("/project/{ref}/settings", name="get_project_settings_2024", deprecated=True)
async def get_project_settings(
    ref: str, context: ContextDep, membership: MembershipDep
) -> JSONResponse:
    """Without keys until the project has them."""
    row = await context.projects.get(ref)
    return JSONResponse(shapes.settings(row, await readable(context, row, membership=membership)))


@router.get("/projects/{ref}/api")
@router.get("/project/{ref}/api", name="get_project_api_2024", deprecated=True)
@router.get("/props/project/{ref}/api", name="get_project_api_props", deprecated=True)
async def get_project_api(ref: str, context: ContextDep, membership: MembershipDep) -> JSONResponse:
    """Where the project's API is reached, and with which keys."""
    row = await context.projects.get(ref)
    told = await readable(context, row, membership=membership)
    return JSONResponse({"autoApiService": shapes.service(row, told)})


async def readable(context: Context, row: ProjectRow, *, membership: MembershipRow) -> Keys:
    """The project's keys, less those that the member's role may not read."""
    found = await keys.read(context.kube, row)

    def allows(permission: Permission) -> bool:
        return context.policy.allows(membership.roles, permission, ref=row.project_ref)

    if not allows(_SERVICE_KEYS):
        found = replace(found, service_role="")
    if not allows(_JWT_SECRET):
        found = replace(found, jwt_secret="")
    return found
