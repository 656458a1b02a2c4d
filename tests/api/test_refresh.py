from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import httpx

from supamanager_dev.plainhttp import NO_TLS

PATH = "/auth/v1/token?grant_type=refresh_token"


def refresh(api, token: str) -> httpx.Response:
    with api.client() as client:
        return client.post(PATH, json={"refresh_token": token})


async def age(database_url: str, seconds: int) -> None:
    """Let the uses of refresh tokens be so much older."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $1)",
            float(seconds),
        )
    finally:
        await connection.close()


def test_a_token_leads_to_the_next(api):
    session = api.new_account().session
    seen = {session["refresh_token"]}
    for _ in range(3):
        answer = refresh(api, session["refresh_token"])
        assert answer.status_code == 200
        session = answer.json()
        assert session["refresh_token"] not in seen
        seen.add(session["refresh_token"])
        with api.client(session["access_token"]) as client:
            assert client.get("/auth/v1/user").json() == session["user"]


def test_the_bare_path(api):
    session = api.new_account().session
    body = {"refresh_token": session["refresh_token"]}
    with api.client() as client:
        answer = client.post("/auth/token?grant_type=refresh_token", json=body)
    assert answer.status_code == 200


def test_a_token_that_nobody_has(api):
    account = api.new_account()
    for token in ("", "x", "A" * 43, account.token):
        answer = refresh(api, token)
        assert answer.status_code == 400
        if answer.json()["error_code"] != "validation_failed":
            assert answer.json()["error_code"] == "refresh_token_not_found"


async def test_tabs_that_refresh_at_once(api_process):
    first, second = api_process(), api_process()
    session: dict[str, Any] = first.new_account().session
    async with httpx.AsyncClient(timeout=30, verify=NO_TLS) as client:
        for _ in range(8):
            body = {"refresh_token": session["refresh_token"]}
            answers = await asyncio.gather(
                *(client.post(f"{api.url}{PATH}", json=body) for api in (first, second) * 3)
            )
            assert [answer.status_code for answer in answers] == [200] * 6
            following = {answer.json()["refresh_token"] for answer in answers}
            assert len(following) == 1
            assert following != {session["refresh_token"]}
            session = answers[0].json()


def test_a_late_tab_gets_the_newest(api):
    first = api.new_account().session["refresh_token"]
    second = refresh(api, first).json()["refresh_token"]
    third = refresh(api, second).json()["refresh_token"]
    assert refresh(api, first).json()["refresh_token"] == third
    assert refresh(api, third).status_code == 200


async def test_a_stolen_token_ends_the_session(own_api, database_url: str):
    account = own_api.new_account()
    other = own_api.new_account()
    first = account.session["refresh_token"]
    following = refresh(own_api, first).json()
    await age(database_url, 9)
    assert refresh(own_api, first).json()["refresh_token"] == following["refresh_token"]
    await age(database_url, 2)
    answer = refresh(own_api, first)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "refresh_token_already_used"
    answer = refresh(own_api, following["refresh_token"])
    assert answer.json()["error_code"] == "refresh_token_not_found"
    for token in (account.token, following["access_token"]):
        with own_api.client(token) as client:
            answer = client.get("/auth/v1/user")
            assert (answer.status_code, answer.json()["error_code"]) == (403, "session_not_found")
            assert client.get("/platform/profile").status_code == 401
    with own_api.client(other.token) as client:
        assert client.get("/auth/v1/user").status_code == 200


async def test_a_session_of_a_deleted_account(own_api, database_url: str):
    account = own_api.new_account()
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("DELETE FROM accounts")
    finally:
        await connection.close()
    assert refresh(own_api, account.session["refresh_token"]).status_code == 400
    with own_api.client(account.token) as client:
        assert client.get("/platform/organizations").status_code == 401


def test_tokens_of_another_secret(api_process):
    first, second = api_process(), api_process(JWT_SECRET="kP3sW8zN1qL6vR0yT5uB9xC2fH7jM4dG")
    account = first.new_account()
    with second.client(account.token) as client:
        answer = client.get("/auth/v1/user")
        assert (answer.status_code, answer.json()["error_code"]) == (403, "bad_jwt")
        assert client.get("/platform/organizations").status_code == 401


def test_a_session_outlives_the_secret_that_signed_its_tokens(api_process):
    """As docs/security.md warns: who replaces the secret also ends the sessions."""
    first, second = api_process(), api_process(JWT_SECRET="kP3sW8zN1qL6vR0yT5uB9xC2fH7jM4dG")
    account = first.new_account()
    again = refresh(second, account.session["refresh_token"])
    assert again.status_code == 200
    with second.client(again.json()["access_token"]) as client:
        assert client.get("/auth/v1/user").status_code == 200
