"""The audit logs of an organization and of the signed-in account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator
from starlette.requests import Request
from starlette.responses import Response

from supamanager_api.audit.model import EntryRow
from supamanager_api.deps import ContextDep, MembershipDep, PrincipalDep
from supamanager_api.http import etags, paging
from supamanager_api.http.paging import PageDep
from supamanager_api.http.routing import Router

router = Router(tags=["audit"])

Instant = Annotated[
    AwareDatetime | None,
    BeforeValidator(lambda given: given or None),
    Query(description="RFC 3339"),
]


class Action(BaseModel):
    name: str
    metadata: list[dict[str, Any]]
    """`{method, route, status}` of the request; empty when it was none."""


class Actor(BaseModel):
    id: str
    type: str
    metadata: list[dict[str, Any]]


class Target(BaseModel):
    description: str
    metadata: dict[str, Any]


class Entry(BaseModel):
    action: Action
    actor: Actor
    target: Target
    occurred_at: datetime


class AuditLog(BaseModel):
    result: list[Entry]
    retention_period: int
    """Days that the log goes back: nothing is ever removed from it."""


@router.get(
    "/organizations/{slug}/audit",
    response_model=AuditLog,
    responses={**etags.UNCHANGED, **paging.LINKED},
)
async def list_organization_audit(
    slug: str,
    request: Request,
    context: ContextDep,
    membership: MembershipDep,
    page: PageDep,
    iso_timestamp_start: Instant = None,
    iso_timestamp_end: Instant = None,
) -> Response:
    """What changed in the organization and its projects, newest first, 1000 entries at once."""
    rows = await _read(
        page,
        partial(
            context.audit.of_organization,
            membership.organization_id,
            since=iso_timestamp_start,
            until=iso_timestamp_end,
        ),
    )
    told = AuditLog(
        result=[_entry(row) for row in rows], retention_period=await context.audit.days()
    )
    return etags.answer(request, told, headers=page.headers)


@router.get(
    "/profile/audit",
    response_model=AuditLog,
    responses={**etags.UNCHANGED, **paging.LINKED},
)
async def list_profile_audit(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    page: PageDep,
    iso_timestamp_start: Instant = None,
    iso_timestamp_end: Instant = None,
) -> Response:
    """What the account did and what was done to it, newest first, 1000 entries at once."""
    rows = await _read(
        page,
        partial(
            context.audit.of_account,
            principal.account.id,
            since=iso_timestamp_start,
            until=iso_timestamp_end,
        ),
    )
    own = principal.account.id
    told = AuditLog(
        result=[_entry(row, seen_by=own) for row in rows],
        retention_period=await context.audit.days(),
    )
    return etags.answer(request, told, headers=page.headers)


async def _read(
    page: paging.Page, read: Callable[..., Awaitable[list[EntryRow]]]
) -> list[EntryRow]:
    page.bounded(paging.MOST)
    moment, position = page.after("audit", datetime, int)
    rows = await read(after=(moment, position), limit=page.take)
    return page.cut(rows, "audit", lambda row: (row.occurred_at, row.position))


def _entry(row: EntryRow, *, seen_by: int | None = None) -> Entry:
    """To one account nothing is told of where others were when they changed something of its."""
    entry = row.entry
    actor, request = entry["actor"], entry.get("request", {})
    if seen_by is not None and actor.get("account_id", seen_by) != seen_by:
        actor = {"kind": actor["kind"], "gotrue_id": actor["gotrue_id"]}
    about = {
        "org_slug": entry.get("organization_slug"),
        "project_ref": entry.get("project_ref"),
        "key": entry["key"],
        "before": entry["before"],
        "after": entry["after"],
    }
    return Entry(
        action=Action(
            name=entry["action"],
            metadata=[_some(request, "method", "route", "status", "request_id")],
        ),
        actor=Actor(
            id=actor.get("gotrue_id") or actor.get("manager") or actor["kind"],
            type="user" if actor["kind"] == "account" else actor["kind"],
            metadata=[
                {
                    "email": actor.get("email"),
                    "ip": actor.get("address"),
                    "tokenType": actor.get("token"),
                }
            ],
        ),
        target=Target(
            description=_description(entry),
            metadata={name: value for name, value in about.items() if value is not None},
        ),
        occurred_at=row.occurred_at,
    )


def _some(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _description(entry: dict[str, Any]) -> str:
    """Where it happened, and the key of what was changed there."""
    table = entry["action"].partition(".")[0]
    key = ", ".join(f"{name} {value}" for name, value in entry["key"].items())
    place = entry.get("project_ref") or entry.get("organization_slug")
    return f"{table} {key}" + (f" of {place}" if place else "")
