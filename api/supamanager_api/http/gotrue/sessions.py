"""Signing in and out of the dashboard, as auth-js asks for it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from supamanager_api import __version__, errors
from supamanager_api.accounts.service import Scope
from supamanager_api.deps import ContextDep, PrincipalDep
from supamanager_api.http.gotrue import bodies

router = APIRouter(tags=["auth"])


@router.post("/token")
async def create_token(
    body: bodies.PasswordGrant | bodies.RefreshGrant,
    context: ContextDep,
    grant_type: Annotated[str, Query()] = "",
) -> bodies.SessionOut:
    """A session for a password, or the next tokens for a refresh token."""
    if grant_type == "password" and isinstance(body, bodies.PasswordGrant):
        signed_in = await context.accounts.sign_in(body.email, body.password)
    elif grant_type == "refresh_token" and isinstance(body, bodies.RefreshGrant):
        signed_in = await context.accounts.refresh(body.refresh_token)
    else:
        raise errors.Invalid("grant_type must be password or refresh_token, with its fields")
    return bodies.session(signed_in)


@router.get("/user")
async def get_user(principal: PrincipalDep) -> bodies.UserOut:
    return bodies.user(principal.account)


@router.post("/logout", status_code=204)
async def sign_out(
    context: ContextDep, principal: PrincipalDep, scope: Annotated[Scope, Query()] = Scope.GLOBAL
) -> None:
    """End all sessions of the account, this one, or all others."""
    await context.accounts.sign_out(principal.identity, scope)


@router.get("/settings")
async def get_auth_settings(context: ContextDep) -> dict[str, Any]:
    """What a sign-in page may offer."""
    return {
        "external": {"email": True, "phone": False},
        "disable_signup": not context.accounts.allow_signup,
        "mailer_autoconfirm": True,
        "phone_autoconfirm": False,
        "saml_enabled": False,
    }


@router.get("/health")
async def get_auth_health() -> dict[str, str]:
    return {"name": "SupaManager", "version": __version__}
