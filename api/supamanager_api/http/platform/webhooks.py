"""Database webhooks: the init SQL has everything for them but the extension that sends."""

from __future__ import annotations

import json

from starlette.responses import Response

from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.platform.services import record
from supamanager_api.http.relay import passed
from supamanager_api.http.routing import Router
from supamanager_api.projects import pgmeta

router = Router(tags=["webhooks"])

_ENABLE = {"query": "CREATE EXTENSION IF NOT EXISTS pg_net WITH SCHEMA extensions"}


@router.post(
    "/database/{ref}/hook-enable",
    status_code=201,
    response_class=Response,
    responses=failures.REFUSED,
)
async def enable_webhooks(project: ProjectDep, context: ContextDep) -> Response:
    """What the database says if it cannot is answered as it is."""
    connection = await pgmeta.connection(context.kube, project, writes=True)
    call = pgmeta.call(connection, "POST", "query", body=json.dumps(_ENABLE).encode())
    await record(context, project, "database", "enable webhooks")
    reply = await context.services.ask(project, call)
    return Response(status_code=201) if reply.succeeded else passed(reply)
