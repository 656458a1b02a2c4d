"""Notifications: what the product tells people about their projects."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field, RootModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from supamanager_api import errors
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, PrincipalDep
from supamanager_api.http import etags, failures, paging
from supamanager_api.http.answers import Id, Instant, Nothing
from supamanager_api.http.authorization import Principal
from supamanager_api.http.bodies import Body, Names, Text
from supamanager_api.http.platform import projects
from supamanager_api.http.routing import Router
from supamanager_api.notifications.model import Priority, Reader, Status, ToldRow, Wanted

router = Router(tags=["notifications"])

_MOST: Final = 200


class Asked(BaseModel):
    """Filters hold several values, separated by commas or given again; an empty one is none."""

    status: list[Names] = []
    priority: list[Names] = []
    org_slug: list[Text] = []
    project_ref: list[Text] = []
    limit: int = Field(10, ge=1, le=_MOST)
    offset: int = Field(0, ge=0, lt=2**31)
    cursor: Text = ""

    def wanted(self) -> Wanted:
        return Wanted(
            statuses=_values(self.status),
            priorities=_values(self.priority),
            slugs=_values(self.org_slug),
            refs=_values(self.project_ref),
            limit=self.limit,
            offset=self.offset,
        )


class Marked(Body):
    id: UUID
    status: Status


class Marks(RootModel[Annotated[list[Marked], Field(max_length=_MOST)]]):
    pass


class Link(TypedDict):
    label: str
    url: str


class Data(TypedDict):
    title: str
    message: str
    org_slug: str
    project_ref: str
    actions: list[Link]


class Notification(TypedDict):
    id: Id
    name: str
    priority: Priority
    status: Status
    data: Data
    meta: Nothing
    inserted_at: Instant


class Summary(TypedDict):
    unread_count: int
    has_critical: bool
    has_warning: bool


@router.get(
    "/notifications",
    response_model=list[Notification],
    responses={**etags.UNCHANGED, **paging.LINKED},
)
async def list_notifications(
    asked: Annotated[Asked, Query()],
    request: Request,
    response: Response,
    context: ContextDep,
    principal: PrincipalDep,
) -> Response:
    """Newest first."""
    studio = context.settings.domain_studio_url
    page = paging.Page(request, response, limit=asked.limit, cursor=asked.cursor)
    moment, last = page.after("notifications", datetime, UUID)
    wanted = replace(asked.wanted(), limit=asked.limit + 1, created_at=moment, id=last)
    rows = page.cut(
        await context.notifications.page(await _reader(context, principal), wanted),
        "notifications",
        lambda row: (row.created_at, row.id),
    )
    told = [_shape(row, studio=studio) for row in rows]
    return etags.answer(request, told, headers=page.headers)


@router.get("/notifications/summary", response_model=Summary)
async def summarize_notifications(context: ContextDep, principal: PrincipalDep) -> JSONResponse:
    summary = await context.notifications.summary(await _reader(context, principal))
    told: Summary = {
        "unread_count": summary.unread_count,
        "has_critical": summary.has_critical,
        "has_warning": summary.has_warning,
    }
    return JSONResponse(told)


@router.patch(
    "/notifications",
    response_model=list[Notification],
    responses=failures.told(errors.NotFound),
)
async def update_notifications(
    body: Marks, context: ContextDep, principal: PrincipalDep
) -> JSONResponse:
    """What the account has seen or put away; of others nothing changes."""
    studio = context.settings.domain_studio_url
    rows = await context.notifications.mark(
        await _reader(context, principal), {mark.id: mark.status for mark in body.root}
    )
    return JSONResponse([_shape(row, studio=studio) for row in rows])


@router.patch("/notifications/archive-all", response_model=list[Notification])
async def archive_notifications(context: ContextDep, principal: PrincipalDep) -> JSONResponse:
    await context.notifications.archive_all(await _reader(context, principal))
    return JSONResponse([])


async def _reader(context: Context, principal: Principal) -> Reader:
    """Who is told of the projects that the account's lists of them hold."""
    seen = await projects.visible(context, principal)
    return Reader(
        account_id=principal.account.id,
        organization_ids=list(seen.organization_ids),
        hidden=list(seen.hidden),
        refs=list(seen.refs),
    )


def _values(given: list[str]) -> list[str] | None:
    return [value for text in given for value in text.split(",") if value] or None


def _shape(row: ToldRow, *, studio: str) -> Notification:
    return {
        "id": str(row.id),
        "name": row.name,
        "priority": row.priority,
        "status": row.status,
        "data": {
            "title": row.title,
            "message": row.message,
            "org_slug": row.organization_slug,
            "project_ref": row.project_ref,
            "actions": [
                {"label": "Open the project", "url": f"{studio}/project/{row.project_ref}"}
            ],
        },
        "meta": {},
        "inserted_at": row.created_at.isoformat(),
    }
