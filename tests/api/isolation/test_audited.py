"""Every route that changes something leaves an entry in the audit log, under its request's id."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

import asgi
from isolation import ACCOUNT, PUBLIC, Line, Stage, nowhere
from supamanager_api.permissions import Role

PASSWORD = "Correct-Horse-7"

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANGES_NOTHING = {
    "DELETE /platform/organizations/{slug}": "is refused while there is a project",
    "PATCH /platform/notifications": "has none to mark: shown in projects/test_notices.py",
    "PATCH /platform/notifications/archive-all": "has none to mark, as the one before",
    "PATCH /platform/organizations/{slug}/members/mfa/enforcement": "would lock the owner out",
    "POST /platform/lost-factors": "is for administrators of the platform",
    "POST /platform/organizations/{slug}/available-versions": "asks",
    "POST /platform/organizations/{slug}/members/invitations/{token}": "finds no invitation",
    "POST /platform/profile/password-check": "asks",
    "POST /platform/projects/{ref}/api-keys/temporary": "keeps nothing",
    "POST /platform/projects/{ref}/resize": "is refused while the project is being made",
    "POST /platform/projects/{ref}/transfer": "is refused: both organizations are one",
    "POST /platform/projects/{ref}/transfer/preview": "asks",
    "POST /platform/retained-projects/{ref}/restore": "is for administrators of the platform",
    "POST /platform/telemetry/{event}": "keeps nothing",
    "POST /v1/projects/{ref}/network-bans/retrieve": "asks",
    "PUT /platform/organizations/{slug}/members/{gotrue_id}/roles/{role_id}": "finds no role",
    "PUT /platform/organizations/{slug}/quotas": "is for administrators of the platform",
}
"""Routes that are no GET and change nothing as they are asked here, each with why."""

OF_THE_PROJECT = (
    "/pg/",
    "/platform/auth/{ref}/invite",
    "/platform/auth/{ref}/magiclink",
    "/platform/auth/{ref}/otp",
    "/platform/auth/{ref}/recover",
    "/platform/auth/{ref}/users",
    "/platform/database/{ref}/hook-enable",
    "/platform/pg-meta/",
    "/platform/projects/{ref}/analytics/",
    "/platform/projects/{ref}/api/",
    "/platform/storage/{ref}/",
)
"""What a project's own services are asked for; none runs here. Entries are shown in gateway/."""

BODIES: dict[str, dict[str, Any]] = {
    "POST /auth/v1/token": {"password": PASSWORD},
    "POST /platform/auth/login": {"password": PASSWORD},
    "POST /platform/signup": {"email": "new@example.test", "password": PASSWORD},
    "PATCH /platform/profile": {"first_name": "Ann"},
    "PATCH /platform/auth/{ref}/config": {"DISABLE_SIGNUP": True},
    "PATCH /v1/projects/{ref}/config/auth": {"disable_signup": True},
    "PATCH /platform/projects/{ref}/config/postgrest": {"max_rows": 7},
    "PATCH /v1/projects/{ref}/postgrest": {"max_rows": 7},
    "PATCH /platform/projects/{ref}/config/storage": {"fileSizeLimit": 1000000},
    "PATCH /v1/projects/{ref}/config/storage": {"fileSizeLimit": 1000000},
}
"""Where the body of the table changes nothing, one that does."""


async def test_every_change_leaves_an_entry(
    lines: list[Line], stage: Stage, figure: Callable[[str], None]
):
    owner = stage.members[Role.OWNER]
    silent: list[tuple[str, int]] = []
    asked = 0
    for line in lines:
        route = " ".join(line.route)
        if line.method in ("GET", "HEAD") or route in CHANGES_NOTHING:
            continue
        if line.target.startswith(OF_THE_PROJECT):
            continue
        person = await stage.person(owner)
        members = {**stage.members, Role.OWNER: person}
        world = await stage.world(members)
        own = line.who in (PUBLIC, ACCOUNT)
        values = nowhere(line.places) if own else await stage.furnish(world, line)
        request = line.request(values)
        body = BODIES.get(route, request.body)
        if line.who == PUBLIC:
            body = {"email": person.claims["email"], **body}
        request_id = str(uuid.uuid4())
        headers = {"X-Request-Id": request_id}
        if line.who != PUBLIC:
            headers["Authorization"] = f"Bearer {person.token()}"
        answer = await asgi.ask(
            stage.application,
            request.method,
            request.target + ("?grant_type=password" if route.endswith("/token") else ""),
            headers=headers,
            body=body,
        )
        asked += 1
        async with stage.context.database.acquire() as connection:
            entries = await connection.fetch(
                "SELECT entry FROM audit_log WHERE entry #>> '{request,request_id}' = $1",
                request_id,
            )
        # What is asked of an account's own things finds none here, and is refused.
        if not entries and not (own and answer.status >= 400 and route not in BODIES):
            silent.append((str(line), answer.status))
        for entry in entries:
            told = entry["entry"]
            assert told["request"]["route"] == line.route[1]
            assert told["actor"].get("account_id") == (
                person.account_id if line.who != PUBLIC else None
            ), line
    assert not silent, "\n".join(f"{status} {route}" for route, status in silent)
    assert asked
    figure(f"{asked} changes, each with its entry")
