"""Every route of the permission table, as nobody and as a stranger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from supamanager_api import app, permissions, settings
from supamanager_api.http.permissions import ROUTES, Member, Open
from supamanager_api.permissions import Grant, Policy, Role

UNKNOWN = {"slug": "nobody-has-this", "ref": "abcdefghijklmnopqrst"}


def filled(template: str, **values: str) -> str:
    """The path with a value in each place: the given one, an unknown one, or any."""
    known = {**UNKNOWN, **values}
    return re.sub(r"{(\w+)(:\w+)?}", lambda place: known.get(place[1], "1"), template)


def paths(canonical: str) -> Iterator[str]:
    """The path under each prefix that its router is mounted under."""
    for mounted in app.ROUTERS:
        first, *_ = mounted.prefixes
        known = {first + getattr(route, "path", "") for route in mounted.router.routes}
        if canonical in known:
            for prefix in mounted.prefixes:
                yield prefix + canonical.removeprefix(first)


ALL = [(method, path) for method, template in ROUTES for path in paths(template)]
CLOSED = [
    (method, path)
    for (method, template), access in ROUTES.items()
    if access is not Open.PUBLIC
    for path in paths(template)
]
OF_A_MEMBER = [
    (method, path)
    for (method, template), access in ROUTES.items()
    if isinstance(access, Member) and "{" in template
    for path in paths(template)
]


def test_the_table_is_whole():
    assert {path for _, path in ALL} >= {path for _, path in ROUTES}
    assert OF_A_MEMBER
    assert len(CLOSED) > len(OF_A_MEMBER)


def test_nobody_gets_in(api):
    tokens = ["", "Bearer x", f"Bearer {'a.b.c' * 20}", "Basic YTpi"]
    with api.client() as client:
        for method, template in CLOSED:
            for token in tokens:
                headers = {"Authorization": token} if token else {}
                answer = client.request(method, filled(template), headers=headers)
                gotrue = template.startswith("/auth/")
                expected = (401, 403) if gotrue else (401,)
                assert answer.status_code in expected, (method, template, token)
                assert answer.json()["msg" if gotrue else "message"]


def test_a_stranger_finds_nothing(api):
    owner, stranger = api.new_account(), api.new_account()
    with api.client(owner.token) as client:
        made = client.post("/platform/organizations", json={"name": "Hers"}).json()
    with api.client(stranger.token) as client:
        for method, template in OF_A_MEMBER:
            foreign, unknown = (
                client.request(method, filled(template, slug=slug), json={})
                for slug in (made["slug"], UNKNOWN["slug"])
            )
            assert foreign.status_code == unknown.status_code == 404, (method, template)
            assert foreign.json() == unknown.json()


async def test_a_changed_table_changes_both(
    api_environment: dict[str, str], dead_kubeconfig: Path, monkeypatch: pytest.MonkeyPatch
):
    """What Studio is told and what is enforced are one thing."""
    monkeypatch.setenv("KUBECONFIG", str(dead_kubeconfig))
    configuration = settings.read(api_environment)
    policies = {
        "default": permissions.DEFAULTS,
        "nothing": Policy({}),
        "other": Policy({Role.OWNER: (Grant(("secrets:Read",), ("%",)),)}),
        "taken": Policy(
            {
                Role.OWNER: (
                    Grant(("%",), ("%",)),
                    Grant(("read:Read",), ("organizations",), restrictive=True),
                )
            }
        ),
    }
    told: dict[str, Any] = {}
    enforced: dict[str, int] = {}
    session: dict[str, str] = {}
    slug = ""
    for name, policy in policies.items():
        application = app.create_app(configuration, policy=policy)
        transport = httpx.ASGITransport(application)
        async with (
            application.router.lifespan_context(application),
            httpx.AsyncClient(transport=transport, base_url="http://api") as client,
        ):
            if not session:
                body = {"email": "ann@example.test", "password": "Correct-Horse-7"}
                await client.post("/platform/signup", json=body)
                session = (await client.post("/platform/auth/login", json=body)).json()
            client.headers["Authorization"] = f"Bearer {session['access_token']}"
            if not slug:
                made = await client.post("/platform/organizations", json={"name": "Hers"})
                slug = made.json()["slug"]
            told[name] = [
                (grant["actions"], grant["resources"], grant["restrictive"])
                for grant in (await client.get("/platform/profile/permissions")).json()
            ]
            answer = await client.get(f"/platform/organizations/{slug}")
            enforced[name] = answer.status_code
            if answer.status_code == 403:
                assert "read:Read on organizations" in answer.json()["message"]
    assert told == {
        "default": [(["%"], ["%"], False)],
        "nothing": [],
        "other": [(["secrets:Read"], ["%"], False)],
        "taken": [(["%"], ["%"], False), (["read:Read"], ["organizations"], True)],
    }
    assert enforced == {"default": 200, "nothing": 403, "other": 403, "taken": 403}
