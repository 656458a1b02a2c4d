"""A project's settings with its endpoints and keys, in the shapes of both generations of Studio.

Keys that give power over all data are told to roles that may read them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Query
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from supamanager_api import errors
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, MembershipDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.platform import project_answers as answers
from supamanager_api.http.platform import project_shapes as shapes
from supamanager_api.http.routing import Router
from supamanager_api.organizations.model import MembershipRow
from supamanager_api.permissions import Permission
from supamanager_api.projects import apikeys, keys, secretdata
from supamanager_api.projects.keys import Keys
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import secrets

router = Router(tags=["projects"])

SERVICE_KEYS: Final = Permission("read:Read", "service_api_keys")
_LONGEST: Final = 3600
_JWT_SECRET: Final = Permission("read:Read", "field.jwt_secret")


class Claims(BaseModel):
    """Of a temporary key: nothing but a role can be asked for."""

    model_config = ConfigDict(extra="forbid")

    role: apikeys.Role


class TemporaryKey(TypedDict):
    api_key: str


@router.get("/projects/{ref}/settings", response_model=answers.Settings)
@router.get(
    "/project/{ref}/settings",
    name="get_project_settings_2024",
    response_model=answers.Settings,
    deprecated=True,
)
async def get_project_settings(
    project: ProjectDep, context: ContextDep, membership: MembershipDep
) -> JSONResponse:
    """Without keys until the project has them."""
    return JSONResponse(
        shapes.settings(project, await readable(context, project, membership=membership))
    )


@router.get("/projects/{ref}/api", response_model=answers.AutoApi)
@router.get(
    "/project/{ref}/api",
    name="get_project_api_2024",
    response_model=answers.AutoApi,
    deprecated=True,
)
@router.get(
    "/props/project/{ref}/api",
    name="get_project_api_props",
    response_model=answers.AutoApi,
    deprecated=True,
)
async def get_project_api(
    project: ProjectDep, context: ContextDep, membership: MembershipDep
) -> JSONResponse:
    """Where the project's API is reached, and with which keys."""
    told = await readable(context, project, membership=membership)
    return JSONResponse({"autoApiService": shapes.service(project, told)})


@router.post(
    "/projects/{ref}/api-keys/temporary",
    status_code=201,
    response_model=TemporaryKey,
    responses=failures.told(errors.Conflict),
)
async def create_temporary_api_key(
    project: ProjectDep,
    context: ContextDep,
    authorization_exp: Annotated[int, Query(ge=1, le=_LONGEST)] = 60,
    claims: Annotated[str, Query(max_length=1024)] = '{"role": "service_role"}',
) -> JSONResponse:
    """A key for the browser, which talks to the project's services itself; it ends after
    `authorization_exp` seconds."""
    try:
        wanted = Claims.model_validate_json(claims)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(["claims", *map(str, first["loc"])])
        raise errors.Invalid(f"{place}: {first['msg']}") from None
    data = await secretdata.read(context.kube, project, secrets.KEYS)
    key = apikeys.temporary(data, wanted.role, seconds=authorization_exp, now=datetime.now(UTC))
    return JSONResponse({"api_key": key}, 201, {"Cache-Control": "no-store"})


async def readable(context: Context, row: ProjectRow, *, membership: MembershipRow) -> Keys:
    """The project's keys, less those that the member's role may not read."""
    found = await keys.read(context.kube, row)

    def allows(permission: Permission) -> bool:
        return context.policy.allows(membership.roles, permission, ref=row.project_ref)

    if not allows(SERVICE_KEYS):
        found = replace(found, service_role="")
    if not allows(_JWT_SECRET):
        found = replace(found, jwt_secret="")
    return found
