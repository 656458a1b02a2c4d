"""Every route that changes something leaves an entry in the audit log, under its request's id."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

import asgi
from isolation import PUBLIC, Line, Stage, nowhere
from supamanager_api.permissions import Role

PASSWORD = "Correct-Horse-7"

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANGES_NOTHING = {
    "POST /platform/telemetry/{event}": "keeps nothing",
    "POST /platform/organizations/{slug}/available-versions": "asks",
    "POST /platform/profile/password-check": "asks",
    "POST /platform/retained-projects/{ref}/restore": "is refused to an owner",
    "DELETE /platform/organizations/{slug}": "is refused while there is a project",
    "PUT /platform/organizations/{slug}/members/{gotrue_id}/roles/{role_id}": "finds no such role",
    "POST /platform/organizations/{slug}/members/invitations/{token}": "finds no such invitation",
    "PUT /platform/organizations/{slug}/quotas": "is refused to who is no administrator",
    "POST /platform/projects/{ref}/transfer": "is refused: the project is there already",
    "POST /platform/projects/{ref}/transfer/preview": "asks",
    "POST /platform/projects/{ref}/resize": "is refused while the project is being made",
    "POST /v1/projects/{ref}/network-bans/retrieve": "asks",
    "POST /platform/projects/{ref}/api-keys/temporary": "keeps nothing",
}
"""Routes that are no GET and change nothing here, each with why."""

OF_THE_PROJECT = ("/platform/pg-meta/", "/pg/")
"""What changes a project's own database is told by that database's log."""

BODIES: dict[str, dict[str, Any]] = {
    "POST /auth/v1/token": {"password": PASSWORD},
    "POST /platform/auth/login": {"password": PASSWORD},
    "POST /platform/signup": {"email": "new@example.test", "password": PASSWORD},
    "PATCH /platform/auth/{ref}/config": {"DISABLE_SIGNUP": True},
    "PATCH /v1/projects/{ref}/config/auth": {"disable_signup": True},
    "PATCH /platform/projects/{ref}/config/postgrest": {"max_rows": 7},
    "PATCH /v1/projects/{ref}/postgrest": {"max_rows": 7},
    "PATCH /platform/projects/{ref}/config/storage": {"fileSizeLimit": 1000000},
    "PATCH /v1/projects/{ref}/config/storage": {"fileSizeLimit": 1000000},
}
"""Where the body of the table changes nothing, one that does."""


async def test_every_change_leaves_an_entry(lines: list[Line], stage: Stage):
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
        values = {**nowhere(line.places), **await stage.furnish(world, line)}
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
        if not entries:
            silent.append((str(line), answer.status))
        for entry in entries:
            told = entry["entry"]
            assert told["request"]["route"] == line.route[1]
            assert told["actor"].get("account_id") == (
                person.account_id if line.who != PUBLIC else None
            ), line
    assert not silent, "\n".join(f"{status} {route}" for route, status in silent)
    assert asked
    print(f"{asked} changes")
