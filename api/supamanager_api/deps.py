"""What the functions of routes ask for by type.

They are coroutines, since FastAPI would run plain functions in threads.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header
from starlette.requests import Request

from supamanager_api.accounts.model import Client
from supamanager_api.context import Context
from supamanager_api.http.authorization import Principal
from supamanager_api.organizations.model import MembershipRow
from supamanager_api.projects.model import ProjectRow


async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


async def _principal(request: Request) -> Principal:
    principal: Principal | None = request.state.principal
    assert principal is not None, "a public route has no principal"
    return principal


async def _membership(request: Request) -> MembershipRow:
    membership = (await _principal(request)).membership
    assert membership is not None, "the path names no organization"
    return membership


async def _project(ref: str, request: Request) -> ProjectRow:
    project = (await _principal(request)).project
    assert project is not None, "the path names no project"
    return project


async def _client(request: Request) -> Client:
    return Client(
        address=request.client.host if request.client else None,
        user_agent=request.headers.get("user-agent"),
    )


ContextDep = Annotated[Context, Depends(_context)]
PrincipalDep = Annotated[Principal, Depends(_principal)]
MembershipDep = Annotated[MembershipRow, Depends(_membership)]
"""The membership in the organization that the path names."""
ProjectDep = Annotated[ProjectRow, Depends(_project)]
"""The project that the path names, as it was when the request was let through."""
ClientDep = Annotated[Client, Depends(_client)]
VersionDep = Annotated[str | None, Header(alias="Version")]
"""The header by which Studio asks for the newer of two shapes."""
