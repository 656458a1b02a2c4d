"""Content of a project in the dashboard: SQL snippets, reports and log queries.

What is private is shown to nobody but its owner; ids are chosen by the browser.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from supamanager_api import errors
from supamanager_api.content.model import ItemRow
from supamanager_api.content.service import Allow
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, PrincipalDep, ProjectDep
from supamanager_api.http import authorization, etags
from supamanager_api.http.authorization import Principal
from supamanager_api.http.platform import content_shapes as shapes
from supamanager_api.http.platform.content_bodies import (
    Anywhere,
    Counted,
    Named,
    One,
    UpdateContent,
    UpsertContent,
)
from supamanager_api.http.routing import Router
from supamanager_api.permissions import Permission

router = Router(tags=["content"])


@router.get("/projects/{ref}/content", response_model=shapes.ItemPage, responses=etags.UNCHANGED)
async def list_content(
    request: Request,
    project: ProjectDep,
    context: ContextDep,
    principal: PrincipalDep,
    asked: Annotated[Anywhere, Query()],
) -> Response:
    """The account's own items and those shared in the project, newest first by default. A page ends
    before it becomes too large, with a cursor."""
    wanted = replace(asked.wanted(visibility=asked.visibility), favorite=asked.favorite, full=True)
    found = await context.contents.page(project.id, principal.account.id, wanted)
    return etags.answer_text(request, shapes.whole_page(found))


@router.get("/projects/{ref}/content/count", response_model=shapes.Counts)
async def count_content(
    project: ProjectDep,
    context: ContextDep,
    principal: PrincipalDep,
    asked: Annotated[Counted, Query()],
) -> JSONResponse:
    counts = await context.contents.count(
        project.id, principal.account.id, type_=asked.type, name=asked.name
    )
    told: shapes.Counts = {
        "favorites": counts.favorites,
        "private": counts.private,
        "shared": counts.shared,
    }
    return JSONResponse(told)


@router.put("/projects/{ref}/content", response_model=shapes.Item)
async def save_content(
    project: ProjectDep, body: UpsertContent, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Make an item with the id that the browser chose, or change the one that has it."""
    row = await context.contents.save(
        project.id,
        principal.account.id,
        body.id,
        body.change(),
        allow=allowing(context, principal),
        create=True,
    )
    return _told(row)


@router.patch("/projects/{ref}/content", response_model=shapes.Item, deprecated=True)
async def update_content(
    project: ProjectDep,
    body: UpdateContent,
    context: ContextDep,
    principal: PrincipalDep,
    asked: Annotated[One, Query()],
) -> Response:
    """Change an item, which the query or the body names: as the 2024 generation does."""
    item = asked.id or body.id
    if item is None:
        raise errors.Invalid("id: is missing")
    row = await context.contents.save(
        project.id,
        principal.account.id,
        item,
        body.change(),
        allow=allowing(context, principal),
        create=False,
    )
    return _told(row)


@router.delete("/projects/{ref}/content", response_model=list[shapes.Removed])
async def delete_content(
    project: ProjectDep,
    named: Annotated[Named, Query()],
    context: ContextDep,
    principal: PrincipalDep,
) -> JSONResponse:
    """Remove items, whose ids are separated by commas: all, or none."""
    items = named.items
    await context.contents.delete(
        project.id,
        principal.account.id,
        items,
        allow=allowing(context, principal),
    )
    return JSONResponse([{"id": str(item)} for item in items])


@router.get("/projects/{ref}/content/item/{content_id}", response_model=shapes.Item)
async def get_content(
    project: ProjectDep, content_id: UUID, context: ContextDep, principal: PrincipalDep
) -> Response:
    row = await context.contents.get(project.id, principal.account.id, content_id)
    return _told(row)


def _told(row: ItemRow) -> Response:
    return Response(shapes.whole(shapes.item(row), row), media_type="application/json")


def allowing(context: Context, principal: Principal) -> Allow:
    """Asks the table of roles about one item."""

    def allow(action: str, item: Any) -> None:
        authorization.decide(
            context,
            principal,
            permission=Permission(action, "user_content"),
            resource={
                "id": str(item.id),
                "owner_id": item.owner_id,
                "type": item.type,
                "visibility": item.visibility,
            },
        )

    return allow
