"""Personal access tokens, and signing a command line in with one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from supamanager_api import errors
from supamanager_api.accounts.model import AccessTokenRow
from supamanager_api.deps import ClientDep, ContextDep, PrincipalDep
from supamanager_api.http import etags, failures, paging
from supamanager_api.http.answers import Numbered
from supamanager_api.http.bodies import Body, Line, Name, Text
from supamanager_api.http.paging import PageDep
from supamanager_api.http.routing import Router

router = Router(tags=["access tokens"])

LARGEST_ID = 2**31 - 1


class CreateToken(Body):
    name: Name
    expires_at: datetime | None = None


class TokenOut(BaseModel):
    id: int
    name: str
    token_alias: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    scope: Literal["V0"] = "V0"


class NewTokenOut(TokenOut):
    """`token` is shown here and never again."""

    token: str


class ApproveCli(Body):
    session_id: UUID
    public_key: Text
    token_name: Line | None = None


class ApprovedOut(BaseModel):
    """The first eight characters are what the command line asks for."""

    nonce: str


class CliTokenOut(BaseModel):
    """`access_token` is encrypted; all but the id and the time are hexadecimal digits."""

    id: UUID
    created_at: datetime
    access_token: str
    public_key: str
    nonce: str


@router.get(
    "/profile/access-tokens",
    response_model=list[TokenOut],
    responses={**etags.UNCHANGED, **paging.LINKED},
)
async def list_access_tokens(
    request: Request, context: ContextDep, principal: PrincipalDep, page: PageDep
) -> Response:
    """The newest first."""
    (after,) = page.after("tokens", int)
    rows = await context.accounts.access_tokens.of(principal.account, after=after, limit=page.take)
    told = [_token(row) for row in page.cut(rows, "tokens", lambda row: (row.id,))]
    return etags.answer(request, told, headers=page.headers)


@router.post("/profile/access-tokens", status_code=201, responses=failures.told(errors.Conflict))
async def create_access_token(
    body: CreateToken, context: ContextDep, principal: PrincipalDep
) -> NewTokenOut:
    made = await context.accounts.access_tokens.create(
        principal.identity, body.name, expires_at=body.expires_at
    )
    return NewTokenOut(**_token(made.row).model_dump(), token=made.token)


@router.delete("/profile/access-tokens/{token_id}")
async def delete_access_token(
    token_id: Annotated[int, Path(ge=1, le=LARGEST_ID)],
    context: ContextDep,
    principal: PrincipalDep,
) -> Numbered:
    await context.accounts.access_tokens.delete(principal.account, token_id)
    return {"id": token_id}


@router.post("/cli/login", status_code=201, responses=failures.told(errors.Conflict))
async def approve_cli_login(
    body: ApproveCli, context: ContextDep, principal: PrincipalDep
) -> ApprovedOut:
    """Lay a token ready for the command line that opened this page."""
    nonce = await context.accounts.cli_logins.approve(
        principal.identity, body.session_id, public_key=body.public_key, name=body.token_name
    )
    return ApprovedOut(nonce=nonce)


@router.get("/cli/login/{session_id}", responses=failures.told(errors.TooManyRequests))
async def collect_cli_login(
    session_id: UUID,
    context: ContextDep,
    client: ClientDep,
    device_code: Annotated[Text, Query()],
) -> CliTokenOut:
    """The token, encrypted for the command line; 404 until it is approved."""
    row = await context.accounts.cli_logins.collect(session_id, device_code, client=client)
    return CliTokenOut(
        id=row.id,
        created_at=row.created_at,
        access_token=row.ciphertext,
        public_key=row.public_key,
        nonce=row.nonce,
    )


def _token(row: AccessTokenRow) -> TokenOut:
    return TokenOut(
        id=row.id,
        name=row.name,
        token_alias=row.alias,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
