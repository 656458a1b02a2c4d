"""Passing a request on to a project's gateway, and word of it to the audit log."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from supamanager_api.context import Context
from supamanager_api.http.relay import Relay
from supamanager_api.projects import gateway
from supamanager_api.projects.model import ProjectRow

_LONGEST: Final = 1024


async def reach(
    context: Context,
    project: ProjectRow,
    method: str,
    *segments: str,
    query: dict[str, Any] | None = None,
    body: Any = None,
    change: str = "",
) -> Response:
    """The gateway's answer; `change` is what it is asked to change, if anything.

    Raises:
        Unavailable
    """
    reached = await gateway.of(context.kube, project)
    call = reached.call(method, *segments, query=query, body=body)
    if change:
        await record(context, project, segments[0], change)
    return Relay(context.services, project, call)


async def record(context: Context, row: ProjectRow, service: str, change: str) -> None:
    """Leave word of a change before it is asked for; the change is cut to a line."""
    await context.projects.record_call(row, service, change[:_LONGEST])
