"""SQL snippets as the command line reads them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from supamanager_api.content.model import ItemRow, Type, Visibility, Wanted
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, PrincipalDep
from supamanager_api.http import authorization, etags
from supamanager_api.http.answers import Id, Instant
from supamanager_api.http.authorization import Principal
from supamanager_api.http.bodies import Text
from supamanager_api.http.platform import content_shapes as shapes
from supamanager_api.http.platform.content_bodies import Page
from supamanager_api.http.routing import Router
from supamanager_api.projects.model import ProjectRow
from supamanager_api.projects.service import UNKNOWN

router = Router(tags=["content"])

NOT_FOUND = "Snippet not found"


class OfProject(Page):
    project_ref: Text


class SnippetProject(TypedDict):
    id: int
    name: str


class Snippet(TypedDict):
    id: Id
    name: str
    type: Type
    visibility: Visibility
    description: str | None
    project: SnippetProject
    owner: shapes.Person
    updated_by: shapes.Person
    favorite: bool
    inserted_at: Instant
    updated_at: Instant


class WholeSnippet(Snippet):
    content: dict[str, Any] | None


class Snippets(shapes.Paged):
    data: list[Snippet]


@router.get("/snippets", response_model=Snippets, responses=etags.UNCHANGED)
async def list_snippets(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    asked: Annotated[OfProject, Query()],
) -> Response:
    """The account's snippets of a project, and those shared in it."""
    project = await _entered(context, principal, asked.project_ref)
    wanted = Wanted(type="sql", sort=asked.sort, limit=asked.limit, cursor=asked.cursor, full=False)
    found = await context.contents.page(project.id, principal.account.id, wanted)
    items = [_snippet(row, project) for row in found.rows]
    return etags.answer(request, shapes.page(items, found.cursor))


@router.get("/snippets/{content_id}", response_model=WholeSnippet)
async def get_snippet(content_id: UUID, context: ContextDep, principal: PrincipalDep) -> Response:
    ref = await context.contents.project_of(content_id)
    project = await _entered(context, principal, ref or "", unknown=NOT_FOUND)
    row = await context.contents.get(project.id, principal.account.id, content_id)
    told = shapes.whole(_snippet(row, project), row)
    return Response(told, media_type="application/json")


async def _entered(
    context: Context, principal: Principal, ref: str, *, unknown: str = UNKNOWN
) -> ProjectRow:
    entered = await authorization.enter_project(context, principal, ref, unknown=unknown)
    assert entered.project is not None
    return entered.project


def _snippet(row: ItemRow, project: ProjectRow) -> Snippet:
    return {
        "id": str(row.id),
        "name": row.name,
        "type": row.type,
        "visibility": row.visibility,
        "description": row.description,
        "project": {"id": project.id, "name": project.project_name},
        "owner": shapes.person(row.owner_id, row.owner_name),
        "updated_by": shapes.person(row.updated_by_id, row.updated_by_name),
        "favorite": row.favorite,
        "inserted_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }
