"""Settings of a project's services, read from its spec and written to it.

A change is an intent: it is in the answer, and in every other, before the cluster has it.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, NotRequired

from fastapi import Body as JsonBody
from pydantic import Field
from starlette.responses import JSONResponse

from supamanager_api import errors
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, MembershipDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.bodies import Body
from supamanager_api.http.platform import project_keys
from supamanager_api.http.routing import Router
from supamanager_api.organizations.model import MembershipRow
from supamanager_api.projects import authconfig, restconfig, storageconfig
from supamanager_api.projects.model import ProjectRow

router = Router(tags=["config"])

Lines = Annotated[str, Field(max_length=8192)]
Document = Annotated[dict[str, Any], JsonBody()]


class ChangeRest(Body):
    db_schema: Lines | None = None
    db_extra_search_path: Lines | None = None
    max_rows: int | None = Field(None, ge=1, le=1_000_000)
    db_pool: int | None = None


class RestConfigOut(restconfig.RestConfig):
    jwt_secret: NotRequired[str]


class Switch(Body):
    enabled: bool


class Features(Body):
    image_transformation: Switch | None = Field(None, alias="imageTransformation")
    s3_protocol: Switch | None = Field(None, alias="s3Protocol")


class ChangeStorage(Body):
    file_size_limit: int | None = Field(None, alias="fileSizeLimit", ge=1, le=512 * 1024**3)
    features: Features = Features()


@router.get("/projects/{ref}/config/postgrest", response_model=RestConfigOut)
async def get_rest_config(
    project: ProjectDep, context: ContextDep, membership: MembershipDep
) -> JSONResponse:
    """An empty `db_schema` means that the REST API is off."""
    secret = await _secret(context, project, membership=membership)
    return JSONResponse({**restconfig.told(project), **secret})


@router.patch(
    "/projects/{ref}/config/postgrest",
    response_model=restconfig.RestConfig,
    responses=failures.INTENT,
)
async def change_rest_config(ref: str, body: ChangeRest, context: ContextDep) -> JSONResponse:
    """An empty `db_schema` switches the REST API off."""
    if body.db_pool is not None:
        raise errors.Invalid("db_pool cannot be changed: the service chooses its pool itself")
    change = partial(
        restconfig.change,
        schemas=body.db_schema,
        extra_search_path=body.db_extra_search_path,
        max_rows=body.max_rows,
    )
    return JSONResponse(restconfig.told(await context.projects.edit(ref, change)))


@router.get("/projects/{ref}/config/storage", response_model=storageconfig.StorageConfig)
async def get_storage_config(project: ProjectDep) -> JSONResponse:
    return JSONResponse(storageconfig.told(project))


@router.patch(
    "/projects/{ref}/config/storage",
    response_model=storageconfig.StorageConfig,
    responses=failures.INTENT,
)
async def change_storage_config(ref: str, body: ChangeStorage, context: ContextDep) -> JSONResponse:
    images, s3 = body.features.image_transformation, body.features.s3_protocol
    if s3 is not None and not s3.enabled:
        raise errors.Invalid("features.s3Protocol cannot be switched off")
    change = storageconfig.change(
        file_size_limit=body.file_size_limit,
        image_transformation=images.enabled if images else None,
    )
    return JSONResponse(storageconfig.told(await context.projects.change(ref, change)))


@router.get("/auth/{ref}/config", response_model=dict[str, authconfig.Value])
async def get_auth_config(project: ProjectDep) -> JSONResponse:
    """All names; those that cannot be set have the service's default."""
    return JSONResponse(authconfig.told(project))


@router.patch(
    "/auth/{ref}/config", response_model=dict[str, authconfig.Value], responses=failures.LATER
)
async def change_auth_config(ref: str, body: Document, context: ContextDep) -> JSONResponse:
    """Names with their present values are not changed, also those that cannot be set."""
    return JSONResponse(await save_auth(context, ref, body))


async def save_auth(
    context: Context, ref: str, asked: dict[str, Any]
) -> dict[str, authconfig.Value]:
    """The document after the change."""
    return authconfig.told(
        await context.projects.edit(ref, partial(authconfig.change, asked=asked))
    )


async def _secret(
    context: Context, row: ProjectRow, *, membership: MembershipRow
) -> dict[str, str]:
    """Left out where there is none, or no API server to ask: the settings are shown without."""
    try:
        found = await project_keys.readable(context, row, membership=membership)
    except errors.Unavailable:
        return {}
    return {"jwt_secret": found.jwt_secret} if found.jwt_secret else {}
