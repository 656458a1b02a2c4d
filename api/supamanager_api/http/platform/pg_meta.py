"""postgres-meta of a project: the SQL editor, the table editor, and whatever else Studio asks the
database.

`/pg-meta/{ref}/…` names the project in its path; `/pg/…` by the `connectionString` that Studio was
given and sends back. That text is ours: what postgres-meta is told is looked up here.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from supamanager_api import derivation, errors
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, MembershipDep, PrincipalDep, ProjectDep
from supamanager_api.http import authorization, failures, metaroutes, nesting
from supamanager_api.http.authorization import Principal
from supamanager_api.http.metaroutes import MetaRoute
from supamanager_api.http.platform.services import record
from supamanager_api.http.relay import Relay
from supamanager_api.http.routing import Router
from supamanager_api.organizations.model import MembershipRow
from supamanager_api.projects import pgmeta, upstream
from supamanager_api.projects.connection import Unsealed
from supamanager_api.projects.model import ProjectRow
from supamanager_api.projects.pgmeta import Connection
from supamanager_api.projects.upstream import Services

logger = logging.getLogger(__name__)

router = Router(tags=["postgres-meta"])
direct = Router(tags=["postgres-meta"])

_PLATFORM: Final = "/platform"
_NO_LIMIT: Final = "disable_statement_timeout"
_FOREIGN: Final = f"{pgmeta.CONNECTION_HEADER} was not given to this account for this project"
_CANCEL_PAUSES: Final = (0.0, 0.3, 1.0)
"""Seconds before each look for a query to cancel: it may not have reached the server yet."""
_CANCEL_SECONDS: Final = 10.0
_CAPITAL: Final = re.compile("[A-Z]")
"""The 2024 generation of Studio says `tableId` where postgres-meta says `table_id`."""
_BODY: Final = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
_DIGEST: Final = "digest of SQL"
_LONGEST_KEY: Final = 128
_UNNAMED: Final = re.compile(r"[^-\w.:/ ]", re.ASCII)
"""What is not in the keys by which Studio names its queries."""

Endpoint = Callable[..., Awaitable[Response]]


def _add(route: MetaRoute) -> None:
    mounted, endpoint = (direct, _named_by_token) if route.direct else (router, _named_by_path)
    mounted.add_api_route(
        route.path.removeprefix(_PLATFORM),
        endpoint(route),
        methods=[route.method],
        name=route.name,
        responses=failures.RELAYED,
        openapi_extra=None if route.method == "GET" else _BODY,
    )


def _named_by_path(route: MetaRoute) -> Endpoint:
    async def endpoint(
        project: ProjectDep,
        request: Request,
        context: ContextDep,
        principal: PrincipalDep,
        membership: MembershipDep,
        id: str | None = None,  # noqa: A002 - as Studio calls it
    ) -> Response:
        token = request.headers.get(pgmeta.CONNECTION_HEADER)
        if token and _named(context, principal, token) != project.project_ref:
            raise errors.Forbidden(_FOREIGN)
        return await _pass(route, request, context, project=project, membership=membership, id_=id)

    return endpoint


def _named_by_token(route: MetaRoute) -> Endpoint:
    async def endpoint(
        request: Request,
        context: ContextDep,
        principal: PrincipalDep,
        id: str | None = None,  # noqa: A002 - as Studio calls it
    ) -> Response:
        token = request.headers.get(pgmeta.CONNECTION_HEADER)
        if not token:
            raise errors.Invalid(f"{pgmeta.CONNECTION_HEADER}: is missing")
        ref = _named(context, principal, token)
        entered = await authorization.enter_project(context, principal, ref)
        project, membership = entered.project, entered.membership
        assert project is not None
        assert membership is not None
        return await _pass(route, request, context, project=project, membership=membership, id_=id)

    return endpoint


def _named(context: Context, principal: Principal, token: str) -> str:
    """The ref of the project that the account was given this token for."""
    try:
        named = context.connections.open(token)
    except Unsealed:
        raise errors.Forbidden(_FOREIGN) from None
    if named.account_id != principal.account.id:
        raise errors.Forbidden(_FOREIGN)
    return named.ref


def may_write(context: Context, membership: MembershipRow, *, ref: str) -> bool:
    """Whether the member's SQL runs in a role that can write."""
    return context.policy.allows(membership.roles, metaroutes.QUERY, ref=ref)


async def _pass(
    route: MetaRoute,
    request: Request,
    context: Context,
    *,
    project: ProjectRow,
    membership: MembershipRow,
    id_: str | None,
) -> Response:
    body = await request.body() or None
    told = _object(body) if route.method in ("POST", "PATCH") else {}
    if not route.takes_sql and any(_CAPITAL.search(key) for key in told):
        told = {_CAPITAL.sub(_small, key): value for key, value in told.items()}
        body = json.dumps(told).encode()
    if route.takes_sql and not (isinstance(told.get("query"), str) and told["query"]):
        raise errors.Invalid("query: is missing, or is no text")
    limited = told.get(_NO_LIMIT) is not True
    writes = route.writes or may_write(context, membership, ref=project.project_ref)
    connection = await pgmeta.connection(
        context.kube,
        project,
        writes=writes,
        application=request.headers.get(pgmeta.APPLICATION_HEADER, ""),
        limited=limited,
    )
    one = [id_] if id_ and route.own else []
    # An empty value is no filter, and what a filter of nothing would answer is nothing.
    query = dict(parse_qsl(request.url.query))
    if one:
        query.pop("id", None)
    if not limited:
        query.setdefault("queryTimeoutSecs", "0")
    call = pgmeta.call(
        connection,
        route.method,
        *route.kind.split("/"),
        *one,
        query=query,
        body=body,
        read_seconds=upstream.READ_SECONDS if limited else None,
    )
    if route.writes:
        await record(context, project, "database", " ".join((route.method, route.kind, *one)))
    elif route.executes and writes:
        await record(context, project, "database", _ran(context, told["query"], query.get("key")))
    return Relay(
        context.services,
        project,
        call,
        abandoned=partial(_cancel, context.services, project, connection),
    )


def _ran(context: Context, text: str, key: str | None) -> str:
    """Word of SQL that is about to run, which may hold passwords.

    The digest is keyed: a password could be guessed from a plain one, and all members may read it.
    """
    secret = derivation.derive(context.settings.encryption_secret.get_secret_value(), _DIGEST)
    digest = hmac.digest(secret, text.encode(errors="replace"), "sha256").hex()
    named = f", key {_UNNAMED.sub('?', key[:_LONGEST_KEY])}" if key else ""
    return f"run SQL, {len(text)} characters, digest {digest}{named}"


def _small(capital: re.Match[str]) -> str:
    return f"_{capital[0].lower()}"


def _object(body: bytes | None) -> dict[str, Any]:
    try:
        parsed = nesting.read(body or b"")
    except ValueError:
        raise errors.Invalid("The body is not valid JSON") from None
    if not isinstance(parsed, dict):
        raise errors.Invalid("The body is no JSON object")
    return parsed


async def _cancel(services: Services, row: ProjectRow, connection: Connection) -> None:
    """Cancel what a request is running in the database: postgres-meta does not notice that its
    client is gone."""
    call = pgmeta.call(
        connection.other(),
        "POST",
        "query",
        body=json.dumps(connection.cancellation).encode(),
        read_seconds=_CANCEL_SECONDS,
    )
    for pause in _CANCEL_PAUSES:
        await asyncio.sleep(pause)
        try:
            reply = await services.ask(row, call)
            found = reply.succeeded and reply.json()
        except errors.ApiError as failure:
            logger.info("a query was not cancelled", extra={"reason": failure.message})
            return
        if found:
            logger.info("a query was cancelled", extra={"ref": row.project_ref})
            return


for each in metaroutes.ROUTES:
    _add(each)
