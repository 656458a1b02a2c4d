"""Codes and links that are mailed: asked for, and used."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import HTMLResponse, RedirectResponse

from supamanager_api import errors
from supamanager_api.accounts.model import SignedIn
from supamanager_api.accounts.verification import Kind
from supamanager_api.deps import ClientDep, ContextDep
from supamanager_api.http import failures
from supamanager_api.http.answers import Nothing
from supamanager_api.http.bodies import Text
from supamanager_api.http.gotrue import bodies, linkpage
from supamanager_api.http.routing import Router

router = Router(tags=["auth"])

RedirectTo = Annotated[str | None, Query(max_length=1024)]


@router.post("/recover", responses=failures.told(errors.Unprocessable, errors.TooManyRequests))
async def request_recovery(
    body: bodies.Address,
    context: ContextDep,
    client: ClientDep,
    redirect_to: RedirectTo = None,
) -> Nothing:
    """Mail a code to reset the password with. The answer does not tell whether there is an
    account."""
    await context.accounts.recovery.request(body.email, client=client, redirect_to=redirect_to)
    return {}


@router.post("/resend", responses=failures.told(errors.Unprocessable, errors.TooManyRequests))
async def resend_confirmation(
    body: bodies.Resend,
    context: ContextDep,
    client: ClientDep,
    redirect_to: RedirectTo = None,
) -> Nothing:
    """Mail the confirmation of an address again. The answer does not tell whether there is
    anything to confirm."""
    await context.accounts.registration.resend(body.email, client=client, redirect_to=redirect_to)
    return {}


@router.post(
    "/verify", responses=failures.told(errors.Forbidden, errors.Conflict, errors.TooManyRequests)
)
async def use_code(
    body: bodies.CodeOfEmail | bodies.TokenOfLink, context: ContextDep, client: ClientDep
) -> bodies.SessionOut:
    """A session for a mailed code, or for the token of a link that resets a password."""
    verification = context.accounts.verification
    if isinstance(body, bodies.CodeOfEmail):
        found = await verification.by_code(body.type, body.email, body.token, client=client)
        return bodies.session(found)
    opened = await verification.by_link(body.type, body.token_hash, client=client)
    if opened is None:
        raise errors.Conflict("The address is confirmed; sign in", code="no_session")
    return bodies.session(opened)


@router.get("/verify", response_class=HTMLResponse)
async def follow_link(
    context: ContextDep,
    token: Annotated[Text, Query()],
    kind: Annotated[Kind, Query(alias="type")],
    redirect_to: RedirectTo = None,
) -> HTMLResponse:
    """What a link in a mail leads to: a page with a button, without which nothing changes."""
    link = linkpage.Link(token=token, type=kind, redirect_to=redirect_to)
    return linkpage.page(link, studio_url=context.settings.domain_studio_url)


@router.post(
    linkpage.PATH,
    status_code=303,
    response_class=RedirectResponse,
    openapi_extra=linkpage.DESCRIBED,
)
async def use_link(link: linkpage.Sent, context: ContextDep, client: ClientDep) -> RedirectResponse:
    """What the button does: it leads to a page of Studio, with the outcome behind the `#`."""
    verification = context.accounts.verification
    try:
        opened = await verification.by_link(link.type, link.token, client=client)
        outcome = _session(opened, link.type) if opened else {}
    except errors.ApiError as failure:
        outcome = {
            "error": "access_denied",
            "error_code": failure.code,
            "error_description": failure.message,
        }
    target = verification.target(link.redirect_to).partition("#")[0]
    fragment = f"#{urlencode(outcome)}" if outcome else ""
    return RedirectResponse(target + fragment, 303, {"Cache-Control": "no-store"})


def _session(opened: SignedIn, kind: Kind) -> dict[str, str | int]:
    """As auth-js finds a session in the address of a page."""
    return {
        "access_token": opened.access_token,
        "expires_at": int(opened.expires_at.timestamp()),
        "expires_in": opened.expires_in,
        "refresh_token": opened.refresh_token,
        "token_type": bodies.BEARER,
        "type": kind,
    }
