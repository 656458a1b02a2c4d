"""Where the account is signed in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from supamanager_api.accounts.model import Level, Method
from supamanager_api.deps import ContextDep, PrincipalDep
from supamanager_api.http import etags
from supamanager_api.http.answers import Identified
from supamanager_api.http.routing import Router

router = Router(tags=["profile"])


class SessionOut(BaseModel):
    """`address` and `user_agent` are those of the sign-in."""

    id: UUID
    current: bool
    created_at: datetime
    refreshed_at: datetime | None
    method: Method
    aal: Level
    address: str | None
    user_agent: str | None


@router.get("/profile/sessions", response_model=list[SessionOut], responses=etags.UNCHANGED)
async def list_sessions(request: Request, context: ContextDep, principal: PrincipalDep) -> Response:
    """The newest first."""
    told = [
        SessionOut(
            id=row.id,
            current=row.id == principal.identity.session_id,
            created_at=row.created_at,
            refreshed_at=row.refreshed_at,
            method=row.method,
            aal=Level.TWO if row.second_factor_at else Level.ONE,
            address=row.address,
            user_agent=row.user_agent,
        )
        for row in await context.accounts.sessions.of(principal.account)
    ]
    return etags.answer(request, told)


@router.delete("/profile/sessions/{session_id}")
async def end_session(session_id: UUID, context: ContextDep, principal: PrincipalDep) -> Identified:
    """Its tokens end at once."""
    await context.accounts.sessions.end(principal.account, session_id)
    return Identified(id=session_id)
