"""Signing in and out of the dashboard, as auth-js asks for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from typing_extensions import TypedDict

from supamanager_api import __version__, errors
from supamanager_api.accounts.sessions import Scope
from supamanager_api.deps import ClientDep, ContextDep, PrincipalDep
from supamanager_api.http import failures
from supamanager_api.http.gotrue import bodies
from supamanager_api.http.routing import Router

router = Router(tags=["auth"])


class External(TypedDict):
    email: bool
    phone: bool


class AuthSettings(TypedDict):
    external: External
    disable_signup: bool
    mailer_autoconfirm: bool
    phone_autoconfirm: bool
    saml_enabled: bool


class AuthHealth(TypedDict):
    name: str
    version: str


@router.post("/token", responses=failures.told(errors.TooManyRequests))
async def create_token(
    body: bodies.PasswordGrant | bodies.RefreshGrant,
    context: ContextDep,
    client: ClientDep,
    grant_type: Annotated[str, Query()] = "",
) -> bodies.SessionOut:
    """A session for a password, or the next tokens for a refresh token."""
    if grant_type == "password" and isinstance(body, bodies.PasswordGrant):
        signed_in = await context.accounts.sign_in(body.email, body.password, client=client)
    elif grant_type == "refresh_token" and isinstance(body, bodies.RefreshGrant):
        signed_in = await context.accounts.sessions.refresh(body.refresh_token)
    else:
        raise errors.Invalid("grant_type must be password or refresh_token, with its fields")
    return bodies.session(signed_in)


@router.get("/user")
async def get_user(context: ContextDep, principal: PrincipalDep) -> bodies.UserOut:
    account = principal.account
    return bodies.user(account, await context.accounts.factors.of(account.id))


@router.put(
    "/user", responses=failures.told(errors.Conflict, errors.Unprocessable, errors.TooManyRequests)
)
async def update_user(
    body: bodies.UserUpdate, context: ContextDep, principal: PrincipalDep, client: ClientDep
) -> bodies.UserOut:
    """A new password, a new address, or both: where one of them is refused, nothing is changed. The
    password needs the current one, except in a session that a mailed code opened."""
    if body.password is None and body.email is None:
        raise errors.Invalid("There is nothing to change: give a password or an email")
    await context.accounts.changes.change(
        principal.identity,
        client=client,
        password=body.password,
        current=body.current_password,
        email=body.email,
    )
    identity = await context.accounts.refreshed(principal.identity)
    return bodies.user(identity, await context.accounts.factors.of(identity.id))


@router.post("/logout", status_code=204)
async def sign_out(
    context: ContextDep, principal: PrincipalDep, scope: Annotated[Scope, Query()] = Scope.GLOBAL
) -> None:
    """End all sessions of the account, this one, or all others."""
    await context.accounts.sessions.sign_out(principal.identity, scope)


@router.get("/settings")
async def get_auth_settings(context: ContextDep) -> AuthSettings:
    """What a sign-in page may offer."""
    registration = context.accounts.registration
    return {
        "external": {"email": True, "phone": False},
        "disable_signup": not registration.allowed,
        "mailer_autoconfirm": not registration.confirmation,
        "phone_autoconfirm": False,
        "saml_enabled": False,
    }


@router.get("/health")
async def get_auth_health() -> AuthHealth:
    return {"name": "SupaManager", "version": __version__}
