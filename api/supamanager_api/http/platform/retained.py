"""Deleted projects whose data was kept, for the platform's administrators."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from supamanager_api.deps import ContextDep
from supamanager_api.http import etags, failures
from supamanager_api.http.platform import project_answers as answers
from supamanager_api.http.platform import project_shapes as shapes
from supamanager_api.http.platform.projects import Limit, Offset
from supamanager_api.http.routing import Router

router = Router(tags=["retained projects"])


@router.get("/retained-projects", response_model=answers.RetainedPage, responses=etags.UNCHANGED)
async def list_retained_projects(
    request: Request, context: ContextDep, limit: Limit = 100, offset: Offset = 0
) -> Response:
    """What was kept at the deletion; whether it still is there is asked when it is restored."""
    found = await context.retention.page(limit=limit, offset=offset)
    items: list[answers.Retained] = [
        {
            "ref": row.project_ref,
            "name": row.project_name,
            "organization_slug": row.organization_slug,
            "region": row.region,
            "inserted_at": shapes.instant(row.created_at),
            "removed_at": shapes.instant(row.removed_at),
        }
        for row in found.rows
    ]
    told = shapes.page(found.count, limit=limit, offset=offset, items=items)
    return etags.answer(request, told)


@router.post(
    "/retained-projects/{ref}/restore",
    status_code=201,
    response_model=answers.Made,
    responses=failures.INTENT,
)
async def restore_retained_project(ref: str, context: ContextDep) -> JSONResponse:
    """Bring a deleted project back with its data and keys, in the organization it was in."""
    return JSONResponse(shapes.made(await context.retention.restore(ref)), 201)
