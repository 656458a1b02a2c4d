"""A project's REST and GraphQL interfaces as Studio shows them."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from starlette.responses import Response

from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.bodies import Body
from supamanager_api.http.platform.services import reach
from supamanager_api.http.relay import Relay
from supamanager_api.http.routing import Router
from supamanager_api.projects import gateway
from supamanager_api.projects.model import ProjectRow

router = Router(tags=["data api"])

_OPENAPI = {"Accept": "application/openapi+json"}


class GraphQuery(Body):
    query: str
    operation_name: str | None = Field(None, alias="operationName")
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None


@router.get("/projects/{ref}/api/rest", responses=failures.RELAYED)
async def get_rest_document(project: ProjectDep, context: ContextDep) -> Response:
    """The OpenAPI document of what the project exposes."""
    return await _document(context, project, "GET")


@router.head("/projects/{ref}/api/rest", responses=failures.RELAYED)
async def ping_rest(project: ProjectDep, context: ContextDep) -> Response:
    """Whether the project's interface answers."""
    return await _document(context, project, "HEAD")


@router.post("/projects/{ref}/api/graphql", responses=failures.RELAYED)
async def query_graphql(project: ProjectDep, body: GraphQuery, context: ContextDep) -> Response:
    sent = body.model_dump(by_alias=True, exclude_none=True)
    change = "run a mutation" if "mutation" in body.query else ""
    return await reach(context, project, "POST", "graphql", "v1", body=sent, change=change)


async def _document(context: ContextDep, project: ProjectRow, method: str) -> Response:
    reached = await gateway.of(context.kube, project)
    call = reached.call(method, "rest", "v1", headers=_OPENAPI, root=True)
    return Relay(context.services, project, call)
