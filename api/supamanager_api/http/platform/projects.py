"""Projects: asking for them, finding them, and what is done with them.

Paths with `project` in the singular are those of the original product.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from supamanager_api import errors
from supamanager_api.context import Context
from supamanager_api.cursors import Key
from supamanager_api.deps import ContextDep, MembershipDep, PrincipalDep, ProjectDep, VersionDep
from supamanager_api.http import authorization, etags, failures, idempotency, paging
from supamanager_api.http.authorization import Principal
from supamanager_api.http.paging import Page, PageDep
from supamanager_api.http.platform import project_answers as answers
from supamanager_api.http.platform import project_shapes as shapes
from supamanager_api.http.platform.project_bodies import CreateProject, RestoreProject
from supamanager_api.http.routing import Router
from supamanager_api.idempotency import Json, Keep
from supamanager_api.projects import visibility
from supamanager_api.projects.model import Filter, ListedRow, Place, ProjectRow, Visible

router = Router(tags=["projects"])

_PAGE: Final = 100
_MEMBERS_PAGE: Final = 96
"""As many as Studio shows at once."""

Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, lt=2**31)]
Sort = Literal["name_asc", "name_desc", "created_asc", "created_desc", ""]


@router.post("/projects", status_code=201, response_model=answers.Made, responses=failures.INTENT)
async def create_project(
    body: CreateProject, request: Request, context: ContextDep, principal: PrincipalDep
) -> JSONResponse:
    """The project is stored when this is answered, and being made. With the header
    `Idempotency-Key` the same request is done once, and answered alike for a day."""
    return await make(body, request, context, principal, told=lambda row: dict(shapes.made(row)))


async def make(
    body: CreateProject,
    request: Request,
    context: Context,
    principal: Principal,
    *,
    told: Callable[[ProjectRow], Json],
) -> JSONResponse:
    """What `told` makes of the new project.

    Raises:
        Invalid, NotFound, Forbidden, Conflict, Unprocessable
    """
    if body.organization_slug:
        membership = await context.organizations.by_slug(
            principal.account.id, body.organization_slug
        )
    elif body.org_id is not None:
        membership = await context.organizations.by_id(principal.account.id, body.org_id)
    else:
        raise errors.Invalid("organization_slug: is missing, and so is org_id")
    entered = authorization.enter(context, principal, membership=membership)
    assert entered.membership is not None
    wish = body.wish(entered.membership, context.settings.regions)
    actor = authorization.actor(context, entered)

    async def work(keep: Keep) -> Json:
        row = await context.projects.create(
            actor, wish, keep=lambda connection, row: keep(connection, told(row))
        )
        return told(row)

    made = await idempotency.once(request, context, account_id=principal.account.id, work=work)
    return JSONResponse(made, 201)


@router.get(
    "/projects",
    response_model=list[answers.Brief] | answers.Briefs,
    responses={**etags.UNCHANGED, **paging.LINKED},
)
async def list_projects(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    page: PageDep,
    version: VersionDep = None,
    offset: Offset = 0,
    sort: Sort = "",
    search: str = "",
) -> Response:
    """All projects of the account's organizations; in pages of 100 with the header `Version: 2`."""
    newer = version == "2"
    if newer:
        page.bounded(_PAGE)
    wanted = Filter(
        search=search or None,
        sort=sort or "created_asc",
        providers=shapes.PROVIDERS if newer else None,
        limit=page.take,
        offset=offset if newer else 0,
        after=_after(page, sort),
    )
    seen = await visible(context, principal)
    if page.limit is None:
        told = await context.listing.told(seen, wanted, between=shapes.BETWEEN)
        return etags.answer_text(request, shapes.listed(told))
    found = await context.listing.page(seen, wanted)
    rows = _cut(page, found.rows, sort)
    if not newer:
        return etags.answer_text(request, shapes.items(rows), headers=page.headers)
    items = [shapes.brief(row) for row in rows]
    briefs = shapes.page(found.count, limit=page.limit, offset=offset, items=items)
    return etags.answer(request, briefs, headers=page.headers)


def _after(page: Page, sort: Sort) -> Place:
    name, moment, number = page.after(f"projects.{sort or 'created_asc'}", str, datetime, int)
    return name, moment, number


def _cut(page: Page, rows: list[ListedRow], sort: Sort) -> list[ListedRow]:
    def keys(row: ListedRow) -> tuple[Key, ...]:
        assert row.created_at is not None, "the query was asked for a page"
        return row.project_name, row.created_at, json.loads(row.item)["id"]

    return page.cut(rows, f"projects.{sort or 'created_asc'}", keys)


async def visible(context: Context, principal: Principal) -> Visible:
    """The projects of all organizations that let the account in."""
    memberships = [
        each
        for each in await context.organizations.memberships(principal.account.id)
        if not authorization.locked_out(principal.account, each)
    ]
    return visibility.of(context.policy, memberships, unclaimed=principal.platform_admin)


@router.get(
    "/organizations/{slug}/projects",
    response_model=answers.Members,
    responses={**etags.UNCHANGED, **paging.LINKED},
)
async def list_organization_projects(
    slug: str,
    request: Request,
    context: ContextDep,
    membership: MembershipDep,
    page: PageDep,
    offset: Offset = 0,
    sort: Sort = "",
    search: str = "",
    statuses: str = "",
) -> Response:
    """The projects of one organization in pages; `statuses` are separated by commas."""
    words = tuple(word for word in statuses.split(",") if word)
    wanted = Filter(
        search=search or None,
        statuses=words or None,
        sort=sort or "created_asc",
        providers=shapes.PROVIDERS,
        limit=page.bounded(_MEMBERS_PAGE).take,
        offset=offset,
        after=_after(page, sort),
    )
    found = await context.listing.page(visibility.of(context.policy, [membership]), wanted)
    items = [shapes.member(row) for row in _cut(page, found.rows, sort)]
    told = shapes.page(found.count, limit=page.limit or _MEMBERS_PAGE, offset=offset, items=items)
    return etags.answer(request, told, headers=page.headers)


@router.get("/projects/{ref}", response_model=answers.Detail)
@router.get(
    "/project/{ref}", name="get_project_2024", response_model=answers.Detail, deprecated=True
)
async def get_project(
    project: ProjectDep, context: ContextDep, principal: PrincipalDep
) -> JSONResponse:
    """`connectionString` is a sealed name of the project, to be sent back with SQL."""
    sealed = context.connections.seal(project.project_ref, principal.account.id)
    return JSONResponse(shapes.detail(project, connection_string=sealed))


@router.get("/projects/{ref}/status", response_model=answers.Report)
@router.get(
    "/project/{ref}/status",
    name="get_project_status_2024",
    response_model=answers.Report,
    deprecated=True,
)
async def get_project_status(project: ProjectDep, context: ContextDep) -> JSONResponse:
    """The word, why it is so, and how each service is."""
    return JSONResponse(shapes.report(project, await context.projects.conditions(project)))


@router.post(
    "/projects/{ref}/pause", status_code=201, response_class=Response, responses=failures.INTENT
)
async def pause_project(ref: str, context: ContextDep) -> Response:
    """Stop everything and keep the data."""
    await context.projects.pause(ref)
    return Response(status_code=201)


@router.post(
    "/projects/{ref}/restore",
    status_code=201,
    response_model=answers.Restored,
    responses=failures.INTENT,
)
async def restore_project(
    ref: str, context: ContextDep, body: RestoreProject | None = None
) -> JSONResponse:
    """Start a paused project again, with the PostgreSQL of its data."""
    row = await context.projects.restore(ref, postgres=body.major if body else None)
    return JSONResponse(shapes.restored(row), 201)


@router.delete(
    "/projects/{ref}", response_model=answers.Ended, responses=failures.told(errors.Conflict)
)
async def delete_project(ref: str, context: ContextDep) -> JSONResponse:
    """What becomes of the data is told by the resource's deletion policy. A project with deletion
    protection is refused with 409."""
    return JSONResponse(shapes.ended(await context.projects.delete(ref)))
