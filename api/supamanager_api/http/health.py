"""Health, metrics and the description of the API."""

from __future__ import annotations

from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from typing_extensions import TypedDict

from supamanager_api import errors
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep
from supamanager_api.http.routing import Router

router = Router(tags=["health"])


class Alive(TypedDict):
    status: Literal["ok"]


@router.get("/", name="get_root")
@router.get("/healthz")
async def get_process_health() -> Alive:
    """The process answers; nothing else is looked at."""
    return {"status": "ok"}


@router.get("/readyz")
async def get_readiness(context: ContextDep) -> Alive:
    """200 when PostgreSQL answers, else 503; the Kubernetes API may be away."""
    async with context.database.acquire() as connection:
        await connection.execute("SELECT 1")
    return {"status": "ok"}


@router.get("/status")
async def get_status(context: ContextDep) -> dict[str, bool | float | None]:
    """Always 200: whether PostgreSQL answers, and how far the work behind the requests is."""
    try:
        vitals = await _vitals(context)
    except errors.Unavailable:
        return {"is_healthy": False, **{vital.name: None for vital in context.vitals}}
    return {"is_healthy": True, **vitals}


@router.get("/metrics", response_class=PlainTextResponse)
async def get_metrics(context: ContextDep) -> Response:
    """In the text format of Prometheus."""
    try:
        values = await _vitals(context)
    except errors.Unavailable:
        values = {}
    for vital in context.vitals:
        context.metrics.vital(vital, values.get(vital.name))
    return Response(context.metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/openapi.json", response_model=dict[str, Any])
async def get_description(request: Request) -> JSONResponse:
    """The API as an OpenAPI document."""
    return JSONResponse(request.app.openapi())


async def _vitals(context: Context) -> dict[str, float | None]:
    async with context.database.acquire() as connection:
        return {vital.name: await vital.read(connection) for vital in context.vitals}
