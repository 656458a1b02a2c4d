from __future__ import annotations

import asyncio
import secrets

import asyncpg
import httpx

from supamanager_dev.plainhttp import NO_TLS

PASSWORD = "Correct-Horse-7"


def sign_up(api, email: str, password: str = PASSWORD, **more: object) -> httpx.Response:
    with api.client() as client:
        return client.post("/platform/signup", json={"email": email, "password": password, **more})


async def rows(database_url: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database_url)
    try:
        return await connection.fetch("SELECT * FROM accounts ORDER BY id")
    finally:
        await connection.close()


async def test_an_account_is_made(api_process, database_url: str):
    own_api = api_process(forked=False)
    answer = sign_up(
        own_api, " Ann@Example.test ", hcaptchaToken=None, redirectTo="https://studio.test/sign-in"
    )
    assert (answer.status_code, answer.json()) == (201, {})
    (row,) = await rows(database_url)
    assert row["email"] == "ann@example.test"
    assert row["username"] == "ann"
    assert row["password_hash"].startswith("$argon2id$v=19$m=65536,t=3,p=2$")
    assert row["email_confirmed_at"] is None
    assert row["profile_created_at"] is None


async def test_an_address_that_has_an_account(own_api, database_url: str):
    first = sign_up(own_api, "ann@example.test")
    before = await rows(database_url)
    second = sign_up(own_api, "ANN@example.test", "Another-Horse-8")
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert await rows(database_url) == before


async def test_two_processes_make_one_account(api_process, database_url: str):
    processes = [api_process(), api_process()]
    body = {"email": "ann@example.test", "password": PASSWORD}
    async with httpx.AsyncClient(timeout=30, verify=NO_TLS) as client:
        answers = await asyncio.gather(
            *(client.post(f"{api.url}/platform/signup", json=body) for api in processes * 3)
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len(await rows(database_url)) == 1


async def test_what_is_refused(own_api, database_url: str):
    for email, password, words in (
        ("ann", PASSWORD, "e-mail address is not valid"),
        ("ann@example.test", "correct-horse-7", "The password must have"),
        ("ann@example.test", "", "The password must have"),
        ("ann@example.test", "Aa1!" * 500, "body.password"),
    ):
        answer = sign_up(own_api, email, password)
        assert answer.status_code == 400
        assert words in answer.json()["message"]
    assert await rows(database_url) == []


async def test_when_it_is_switched_off(api_process, database_url: str):
    for setting in ("false", ""):
        api = api_process(ALLOW_SIGNUP=setting)
        answer = sign_up(api, f"{secrets.token_hex(4)}@example.test")
        assert answer.status_code == 403
        assert "disabled" in answer.json()["message"]
        with api.client() as client:
            assert client.get("/auth/v1/settings").json()["disable_signup"] is True
        api.stop()
    assert await rows(database_url) == []
