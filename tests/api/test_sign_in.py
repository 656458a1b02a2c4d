from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

import argon2
import asyncpg
import httpx
import jwt
import pytest

from supamanager_dev.plainhttp import NO_TLS

TOKEN = "/auth/v1/token?grant_type=password"


def post(api, path: str, body: dict[str, object]) -> httpx.Response:
    with api.client() as client:
        return client.post(path, json=body)


@pytest.mark.parametrize("path", [TOKEN, "/auth/token?grant_type=password", "/platform/auth/login"])
def test_a_session(api, path: str):
    account = api.new_account()
    body = {
        "email": f" {account.email.upper()} ",
        "password": account.password,
        "gotrue_meta_security": {"captcha_token": None},
    }
    answer = post(api, path, body)
    assert answer.status_code == 200
    session = answer.json()
    assert session["token_type"] == "bearer"
    assert session["expires_in"] == 3600
    assert abs(session["expires_at"] - time.time() - 3600) < 10
    assert session["refresh_token"] != session["access_token"]
    user = session["user"]
    assert user["email"] == account.email
    assert user["app_metadata"] == {"provider": "email", "providers": ["email"]}
    assert user["factors"] == []
    assert user["identities"][0]["provider"] == "email"
    claims = jwt.decode(session["access_token"], options={"verify_signature": False})
    assert claims["sub"] == user["id"]
    with api.client(session["access_token"]) as client:
        for user_path in ("/auth/v1/user", "/auth/user"):
            assert client.get(user_path).json() == user


def test_each_sign_in_is_a_session(api):
    account = api.new_account()
    body = {"email": account.email, "password": account.password}
    other = post(api, TOKEN, body).json()
    sessions = {
        jwt.decode(token, options={"verify_signature": False})["session_id"]
        for token in (account.token, other["access_token"])
    }
    assert len(sessions) == 2


def test_both_failures_are_alike(api):
    account = api.new_account()
    wrong = {"email": account.email, "password": "Wrong-Horse-7"}
    nobody = {"email": "nobody@example.test", "password": account.password}
    no_address = {"email": "no address", "password": account.password}
    for path, expected in (
        (
            TOKEN,
            {"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"},
        ),
        ("/platform/auth/login", {"message": "Invalid login credentials"}),
    ):
        answers = [post(api, path, body) for body in (wrong, nobody, no_address)]
        for answer in answers:
            assert (answer.status_code, answer.json()) == (400, expected)
            assert set(answer.headers) == set(answers[0].headers)


def test_both_failures_take_as_long(api_process):
    own_api = api_process(forked=False)
    account = own_api.new_account()
    bodies = {
        "wrong": {"email": account.email, "password": "Wrong-Horse-7"},
        "nobody": {"email": "nobody@example.test", "password": "Wrong-Horse-7"},
    }
    spent = dict.fromkeys(bodies, 0.0)
    with own_api.client() as client:
        for _ in range(12):
            for name, body in bodies.items():
                before = processor_seconds(own_api.pid)
                client.post(TOKEN, json=body)
                spent[name] += processor_seconds(own_api.pid) - before
    # An answer without the hash takes a twentieth. The processor's time is measured, since that
    # of the clock depends on who else is running.
    assert 0.7 < spent["nobody"] / spent["wrong"] < 1.4, spent


def processor_seconds(pid: int) -> float:
    """What a process has used of the processor, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize(
    ("query", "body", "code"),
    [
        ("", {"email": "a@b.test", "password": "x"}, "validation_failed"),
        ("?grant_type=id_token", {"email": "a@b.test", "password": "x"}, "validation_failed"),
        ("?grant_type=refresh_token", {"email": "a@b.test", "password": "x"}, "validation_failed"),
        ("?grant_type=password", {"refresh_token": "x"}, "validation_failed"),
        ("?grant_type=password", {}, "validation_failed"),
        ("?grant_type=password", {"email": ["a"], "password": "x"}, "validation_failed"),
        ("?grant_type=password", {"email": "\ud800@b.test", "password": "x"}, "validation_failed"),
    ],
)
def test_what_is_refused(api, query: str, body: dict[str, object], code: str):
    with api.client() as client:
        answer = client.post(
            f"/auth/v1/token{query}",
            content=json.dumps(body),
            headers={"Content-Type": "application/json"},
        )
    assert answer.status_code == 400
    assert answer.json()["error_code"] == code


async def test_an_old_hash_is_replaced(api_process, database_url: str):
    own_api = api_process(forked=False)
    account = own_api.new_account()
    old = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=4).hash(account.password)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE accounts SET password_hash = $1", old)
        body = {"email": account.email, "password": account.password}
        assert post(own_api, TOKEN, {**body, "password": "Wrong-Horse-7"}).status_code == 400
        assert await connection.fetchval("SELECT password_hash FROM accounts") == old
        assert post(own_api, TOKEN, body).status_code == 200
        fresh = await connection.fetchval("SELECT password_hash FROM accounts")
        assert fresh.startswith("$argon2id$v=19$m=65536,t=3,p=2$")
        assert post(own_api, TOKEN, body).status_code == 200
        assert await connection.fetchval("SELECT password_hash FROM accounts") == fresh
    finally:
        await connection.close()


async def test_no_secret_is_kept_or_logged(own_api, database_url: str):
    account = own_api.new_account()
    refreshed = post(
        own_api,
        "/auth/v1/token?grant_type=refresh_token",
        {"refresh_token": account.session["refresh_token"]},
    ).json()
    secret = [account.password, account.token, account.session["refresh_token"]]
    secret += [refreshed["access_token"], refreshed["refresh_token"]]
    connection = await asyncpg.connect(database_url)
    try:
        kept = ""
        for table in ("accounts", "sessions", "refresh_tokens", "login_audit"):
            kept += str(await connection.fetch(f"SELECT t::text FROM {table} AS t"))
    finally:
        await connection.close()
    for text in secret:
        assert text not in kept
        assert text not in own_api.logs
        assert text.encode().hex() not in kept


async def test_memory_of_many_sign_ins(api_process):
    # Those that are under way count until they have succeeded.
    own_api = api_process(forked=False, RATE_LIMITS='{"sign-in": [100, 1]}')
    account = own_api.new_account()
    rest = memory(own_api.pid, "VmRSS")
    body = {"email": account.email, "password": account.password}
    async with httpx.AsyncClient(base_url=own_api.url, timeout=120, verify=NO_TLS) as client:
        answers = await asyncio.gather(*(client.post(TOKEN, json=body) for _ in range(64)))
    assert [answer.status_code for answer in answers] == [200] * 64
    assert memory(own_api.pid, "VmHWM") < 300, f"{rest} MiB at rest"


def memory(pid: int, key: str) -> float:
    """MiB of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"{key} of {pid} is unknown")
