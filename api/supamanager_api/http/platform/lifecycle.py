"""What is done with a project that is there: renaming, protecting, restarting, making it larger."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from pydantic import Field
from starlette.responses import JSONResponse, Response

from supamanager_api import errors
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.bodies import Body, Name, Text, one_of
from supamanager_api.http.platform import project_answers as answers
from supamanager_api.http.platform import project_shapes as shapes
from supamanager_api.http.routing import Router
from supamanager_api.projects import protection, restarts, sizes
from supamanager_api.projects.intents import Document

router = Router(tags=["projects"])

_LARGEST_GIBIBYTES = 65536


class Change(Body):
    """One of the two is given."""

    name: Name | None = None
    deletion_protection: bool | None = None

    def spec(self) -> Document:
        """
        Raises:
            Invalid: nothing is to be changed.
        """
        said = {"displayName": self.name, protection.FIELD: self.deletion_protection}
        spec = {field: value for field, value in said.items() if value is not None}
        if not spec:
            raise errors.Invalid("name: is missing, and so is deletion_protection")
        return spec


class Restart(Body):
    database_identifier: Text | None = None


class RestartedServices(Restart):
    services: Annotated[list[Annotated[Text, one_of(*restarts.NAMES)]], Field(max_length=32)]
    region: Text | None = None


class RestartServices(Body):
    request: RestartedServices = Field(alias="restartRequest")


class Resize(Body):
    volume_size_gb: Annotated[int, Field(ge=1, le=_LARGEST_GIBIBYTES)]


class AddOn(Body):
    addon_type: Annotated[Text, one_of(sizes.ADDON)]
    addon_variant: Annotated[Text, one_of(*sizes.VARIANTS)]


@router.patch("/projects/{ref}", response_model=answers.Ended, responses=failures.INTENT)
async def change_project(ref: str, body: Change, context: ContextDep) -> JSONResponse:
    """Give it another name, or say whether it may be deleted."""
    return JSONResponse(shapes.ended(await context.projects.change(ref, body.spec())))


@router.post(
    "/projects/{ref}/restart",
    status_code=201,
    response_class=Response,
    responses=failures.INTENT,
)
async def restart_project(ref: str, context: ContextDep, body: Restart | None = None) -> Response:
    """Restart every service once."""
    _check_identifier(ref, body)
    await context.projects.restart(ref)
    return Response(status_code=201)


@router.post(
    "/projects/{ref}/restart-services",
    status_code=201,
    response_class=Response,
    responses=failures.INTENT,
)
async def restart_services(
    ref: str, project: ProjectDep, body: RestartServices, context: ContextDep
) -> Response:
    """Restart single services, by the hosted service's names or ours."""
    asked = body.request
    _check_identifier(ref, asked)
    region = project.region
    if asked.region and asked.region.casefold() != region.casefold():
        raise errors.Invalid(f"region: the project is in {region}, and nowhere else")
    await context.projects.restart(ref, restarts.resolve(asked.services))
    return Response(status_code=201)


@router.post(
    "/projects/{ref}/resize",
    status_code=201,
    response_class=Response,
    responses=failures.INTENT,
)
async def resize_project(ref: str, body: Resize, context: ContextDep) -> Response:
    """Make the volume of the database larger; the project goes on meanwhile."""
    await context.projects.edit(ref, partial(sizes.grown, gibibytes=body.volume_size_gb))
    return Response(status_code=201)


@router.post(
    "/projects/{ref}/billing/addons",
    status_code=201,
    response_class=Response,
    responses=failures.INTENT,
)
async def add_addon(ref: str, body: AddOn, context: ContextDep) -> Response:
    """The one add-on is the size: every pod is replaced by one that asks for more, or less."""
    await choose(context, ref, body)
    return Response(status_code=201)


async def choose(context: Context, ref: str, body: AddOn) -> None:
    """
    Raises:
        Invalid: it is no size.
    """
    size = sizes.VARIANTS.get(body.addon_variant)
    if body.addon_type != sizes.ADDON or size is None:
        raise errors.Invalid(
            f"addon_variant: {sizes.ADDON} is the only add-on here, "
            f"and is one of {', '.join(sizes.VARIANTS)}"
        )
    await context.projects.change(ref, {"size": size})


@router.delete(
    "/projects/{ref}/billing/addons/{variant}",
    response_class=Response,
    responses=failures.INTENT,
)
async def remove_addon(ref: str, variant: str, context: ContextDep) -> Response:
    """Back to the size of a project that asks for none."""
    await context.projects.edit(ref, partial(sizes.without, variant=variant))
    return Response(status_code=200)


@router.get("/projects/{ref}/pause/status", response_model=answers.Rest)
async def get_pause_status(project: ProjectDep, context: ContextDep) -> JSONResponse:
    """What a paused project can be brought back from."""
    conditions = await context.projects.conditions(project)
    return JSONResponse(shapes.rest(project, conditions=conditions))


@router.get("/projects/{ref}/restore/versions", response_model=answers.Versions)
async def list_restore_versions(project: ProjectDep) -> JSONResponse:
    """A paused project starts with the PostgreSQL of its data."""
    return JSONResponse({"available_versions": shapes.versions(project)})


def _check_identifier(ref: str, body: Restart | None) -> None:
    if body and body.database_identifier not in (None, ref):
        raise errors.Invalid("database_identifier: the project has one database, named as itself")
