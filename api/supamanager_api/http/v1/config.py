"""Settings of a project's services, as the official tools name them."""

from __future__ import annotations

from starlette.responses import JSONResponse

from supamanager_api.deps import ContextDep, MembershipDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.platform import config
from supamanager_api.http.routing import Router
from supamanager_api.projects import authconfig, restconfig, storageconfig

router = Router(tags=["config"])


@router.get("/projects/{ref}/postgrest", response_model=config.RestConfigOut)
async def get_v1_rest_config(
    project: ProjectDep, context: ContextDep, membership: MembershipDep
) -> JSONResponse:
    """An empty `db_schema` means that the REST API is off."""
    return await config.get_rest_config(project, context, membership)


@router.patch(
    "/projects/{ref}/postgrest", response_model=restconfig.RestConfig, responses=failures.INTENT
)
async def change_v1_rest_config(
    ref: str, body: config.ChangeRest, context: ContextDep
) -> JSONResponse:
    """An empty `db_schema` switches the REST API off."""
    return await config.change_rest_config(ref, body, context)


@router.get("/projects/{ref}/config/storage", response_model=storageconfig.StorageConfig)
async def get_v1_storage_config(project: ProjectDep) -> JSONResponse:
    return await config.get_storage_config(project)


@router.patch(
    "/projects/{ref}/config/storage",
    response_model=storageconfig.StorageConfig,
    responses=failures.INTENT,
)
async def change_v1_storage_config(
    ref: str, body: config.ChangeStorage, context: ContextDep
) -> JSONResponse:
    return await config.change_storage_config(ref, body, context)


@router.get("/projects/{ref}/config/auth", response_model=dict[str, authconfig.Value])
async def get_v1_auth_config(project: ProjectDep) -> JSONResponse:
    """The names of `/platform/auth/{ref}/config` in lower case."""
    return _lower(authconfig.told(project))


@router.patch(
    "/projects/{ref}/config/auth",
    response_model=dict[str, authconfig.Value],
    responses=failures.LATER,
)
async def change_v1_auth_config(
    ref: str, body: config.Document, context: ContextDep
) -> JSONResponse:
    """Names with their present values are not changed, also those that cannot be set."""
    asked = {name.upper(): value for name, value in body.items()}
    return _lower(await config.save_auth(context, ref, asked))


def _lower(document: dict[str, authconfig.Value]) -> JSONResponse:
    return JSONResponse({name.lower(): value for name, value in document.items()})
