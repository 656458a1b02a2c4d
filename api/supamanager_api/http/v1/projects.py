"""Projects as the command line, Terraform and other programs ask for them.

Paths that differ from Studio's by their prefix alone are answered by the same functions.
"""

from __future__ import annotations

from pydantic import AliasChoices, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from supamanager_api import errors
from supamanager_api.deps import ContextDep, PrincipalDep, ProjectDep
from supamanager_api.http import etags, failures
from supamanager_api.http.bodies import Text
from supamanager_api.http.platform import choices, lifecycle, projects
from supamanager_api.http.platform import project_answers as answers
from supamanager_api.http.platform.project_bodies import CreateProject
from supamanager_api.http.routing import Router
from supamanager_api.http.v1.project_shapes import V1ProjectOut, V1ProjectWithDatabaseOut

router = Router(tags=["projects"])


class CreateV1Project(CreateProject):
    """Older programs say `organization_id`, which is the slug."""

    organization_slug: Text = Field(
        validation_alias=AliasChoices("organization_slug", "organization_id")
    )


@router.get("/projects", response_model=list[V1ProjectWithDatabaseOut], responses=etags.UNCHANGED)
async def list_v1_projects(
    request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    """All projects of the account's organizations, oldest first."""
    visible = await projects.visible(context, principal)
    rows = await context.listing.whole(visible)
    return etags.answer(request, [V1ProjectWithDatabaseOut.of(row) for row in rows])


@router.post("/projects", status_code=201, response_model=V1ProjectOut, responses=failures.INTENT)
async def create_v1_project(
    body: CreateV1Project, request: Request, context: ContextDep, principal: PrincipalDep
) -> JSONResponse:
    """The project is stored when this is answered, and being made; `Idempotency-Key` counts."""
    return await projects.make(
        body,
        request,
        context,
        principal,
        told=lambda row: V1ProjectOut.of(row).model_dump(mode="json"),
    )


router.add_api_route(
    "/projects/available-regions",
    choices.list_available_regions,
    name="list_v1_available_regions",
    response_model=choices.Regions,
)


@router.get("/projects/{ref}")
async def get_v1_project(project: ProjectDep) -> V1ProjectWithDatabaseOut:
    """A project whose resource is gone is 404: that is how programs notice."""
    return V1ProjectWithDatabaseOut.of(project)


router.add_api_route(
    "/projects/{ref}",
    lifecycle.change_project,
    methods=["PATCH"],
    name="change_v1_project",
    response_model=answers.Ended,
    responses=failures.INTENT,
)
router.add_api_route(
    "/projects/{ref}",
    projects.delete_project,
    methods=["DELETE"],
    name="delete_v1_project",
    response_model=answers.Ended,
    responses=failures.told(errors.Conflict),
)


@router.post("/projects/{ref}/pause", response_class=Response, responses=failures.INTENT)
async def pause_v1_project(ref: str, context: ContextDep) -> Response:
    """Stop everything and keep the data."""
    await context.projects.pause(ref)
    return Response(status_code=200)


router.add_api_route(
    "/projects/{ref}/restore",
    lifecycle.list_restore_versions,
    name="list_v1_restore_versions",
    response_model=answers.Versions,
)


@router.post("/projects/{ref}/restore", response_class=Response, responses=failures.INTENT)
async def restore_v1_project(ref: str, context: ContextDep) -> Response:
    """Start a paused project again, with the PostgreSQL of its data."""
    await context.projects.restore(ref)
    return Response(status_code=200)
