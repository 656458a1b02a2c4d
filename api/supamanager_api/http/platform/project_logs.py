"""Logs and figures of a project's services, in the dialect of its log store."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.bodies import Body
from supamanager_api.http.relay import Relay
from supamanager_api.http.routing import Router
from supamanager_api.projects import logs
from supamanager_api.projects.model import ProjectRow

router = Router(tags=["logs"])

_LONGEST_SQL = 256 * 1024


class LogQuery(Body):
    """What a query takes besides, as `function_id`, is its own affair."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    sql: Annotated[str | None, Field(max_length=_LONGEST_SQL)] = None
    iso_timestamp_start: str | None = None
    iso_timestamp_end: str | None = None


@router.get("/projects/{ref}/analytics/endpoints/{name}", responses=failures.RELAYED)
async def get_logs(
    project: ProjectDep, name: str, request: Request, context: ContextDep
) -> Response:
    return await _ask(context, project, name, "GET", dict(request.query_params))


@router.post("/projects/{ref}/analytics/endpoints/{name}", responses=failures.RELAYED)
async def query_logs(
    project: ProjectDep, name: str, body: LogQuery, context: ContextDep
) -> Response:
    return await _ask(context, project, name, "POST", body.model_dump(exclude_none=True))


async def _ask(
    context: ContextDep, project: ProjectRow, name: str, method: str, parameters: dict[str, Any]
) -> Response:
    call = await logs.query(context.kube, project, name, method=method, parameters=parameters)
    return Relay(context.services, project, call, missing=logs.UNKNOWN)
