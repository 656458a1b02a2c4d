"""Signing in without the GoTrue dialect, for scripts."""

from __future__ import annotations

from supamanager_api import errors
from supamanager_api.deps import ClientDep, ContextDep
from supamanager_api.http import failures
from supamanager_api.http.gotrue import bodies
from supamanager_api.http.routing import Router

router = Router(tags=["accounts"])


@router.post("/auth/login", responses=failures.told(errors.TooManyRequests))
async def log_in(
    body: bodies.PasswordGrant, context: ContextDep, client: ClientDep
) -> bodies.SessionOut:
    """The same session as the password grant of `/auth/v1/token`."""
    return bodies.session(await context.accounts.sign_in(body.email, body.password, client=client))
