"""Types of a project's database for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from supamanager_api.deps import ContextDep, MembershipDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.platform import pg_meta
from supamanager_api.http.routing import Router
from supamanager_api.projects import pgmeta

router = Router(tags=["types"])


class Types(TypedDict):
    types: str


@router.get("/projects/{ref}/types/typescript", response_model=Types, responses=failures.REFUSED)
async def get_typescript_types(
    project: ProjectDep,
    context: ContextDep,
    membership: MembershipDep,
    schemas: Annotated[str, Query(alias="included_schemas")] = "public",
) -> JSONResponse:
    """The types of schemas, whose names are separated by commas."""
    writes = pg_meta.may_write(context, membership, ref=project.project_ref)
    connection = await pgmeta.connection(context.kube, project, writes=writes)
    query = {"included_schemas": schemas or "public"}
    call = pgmeta.call(connection, "GET", "generators", "typescript", query=query)
    reply = await context.services.ask(project, call)
    if not reply.succeeded:
        return JSONResponse({"message": str(reply.json().get("error"))}, reply.status)
    told: Types = {"types": reply.body.decode()}
    return JSONResponse(told)
