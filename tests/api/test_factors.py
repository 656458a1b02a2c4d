"""Second factors."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import asyncpg
import httpx
import jwt
import pytest

from inbox import Inbox
from secondfactors import challenge, code, enrol, sign_in, verify
from supamanager_dev.plainhttp import NO_TLS

REFUSED = {"message": "The second factor is required"}


def claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def test_from_enrolment_to_removal(api):
    account = api.new_account()
    other = sign_in(api, account)
    with api.client(account.token) as client:
        factor = enrol(client)
        assert factor["type"] == "totp"
        assert factor["totp"]["qr_code"].startswith("<svg")
        assert factor["totp"]["secret"] in factor["totp"]["uri"]
        (listed,) = client.get("/auth/v1/user").json()["factors"]
        assert (listed["status"], listed["friendly_name"]) == ("unverified", "phone")
        # It does not count before it was verified.
        assert client.get("/platform/organizations").status_code == 200
        session = verify(client, factor, code(factor)).json()
        (listed,) = session["user"]["factors"]
        assert listed["status"] == "verified"
        read = claims(session["access_token"])
        assert read["aal"] == "aal2"
        assert [each["method"] for each in read["amr"]] == ["totp", "password"]
        assert read["session_id"] == claims(account.token)["session_id"]
    # The account's other session has shown one factor only, and is over.
    with api.client(other["access_token"]) as client:
        assert client.get("/auth/v1/user").status_code == 403
    with api.client() as client:
        refreshed = client.post(
            "/auth/v1/token?grant_type=refresh_token",
            json={"refresh_token": session["refresh_token"]},
        ).json()
    assert claims(refreshed["access_token"])["aal"] == "aal2"

    weak = sign_in(api, account)
    assert claims(weak["access_token"])["aal"] == "aal1"
    assert weak["user"]["factors"][0]["status"] == "verified"
    with api.client(weak["access_token"]) as client:
        assert client.get("/auth/v1/user").status_code == 200
        for method, path in (
            ("GET", "/platform/organizations"),
            ("GET", "/platform/profile"),
            ("GET", "/v1/profile"),
            ("POST", "/platform/profile/access-tokens"),
        ):
            answer = client.request(method, path, json={"name": "x"} if method == "POST" else None)
            assert (answer.status_code, answer.json()) == (403, REFUSED)
        for method, path in (
            ("DELETE", f"/auth/v1/factors/{factor['id']}"),
            ("PUT", "/auth/v1/user"),
            ("POST", "/auth/v1/factors"),
        ):
            answer = client.request(method, path, json={} if method != "DELETE" else None)
            assert answer.json()["error_code"] == "insufficient_aal"
        strong = verify(client, factor, code(factor, 1)).json()
    with api.client(strong["access_token"]) as client:
        assert client.get("/platform/organizations").status_code == 200
        answer = client.delete(f"/auth/v1/factors/{factor['id']}")
        assert (answer.status_code, answer.json()) == (200, {"id": factor["id"]})
        assert client.get("/auth/v1/user").json()["factors"] == []
        assert client.delete(f"/auth/v1/factors/{factor['id']}").status_code == 404
        assert client.get("/platform/organizations").status_code == 200
    with api.client(sign_in(api, account)["access_token"]) as client:
        assert client.get("/platform/organizations").status_code == 200


async def test_a_code_counts_once(api_process, database_url: str):
    processes = [api_process(), api_process()]
    account = processes[0].new_account()
    with processes[0].client(account.token) as client:
        factor = enrol(client)
        given = code(factor, 1)
        challenges = [challenge(client, factor) for _ in range(6)]
    connection = await asyncpg.connect(database_url)
    try:
        kept = str(await connection.fetch("SELECT f::text FROM factor AS f"))
        assert factor["totp"]["secret"] not in kept
    finally:
        await connection.close()
    # Six tabs with one code, in two processes.
    async with httpx.AsyncClient(headers=account.headers, timeout=30, verify=NO_TLS) as client:
        answers = await asyncio.gather(
            *(
                client.post(
                    f"{processes[number % 2].url}/auth/v1/factors/{factor['id']}/verify",
                    json={"challenge_id": challenge_id, "code": given},
                )
                for number, challenge_id in enumerate(challenges)
            )
        )
    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(200) == 1
    assert set(codes[1:]) <= {422, 429}
    for process in processes:
        assert factor["totp"]["secret"] not in process.logs
        assert f'"{given}"' not in process.logs


def test_guessing_is_limited(api):
    account = api.new_account()
    with api.client(account.token) as client:
        factor = enrol(client)
        right = code(factor)
        wrong = f"{(int(right) + 1) % 10**6:06}"
        challenge_id = challenge(client, factor)
        answers = [verify(client, factor, wrong, challenge_id) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [422] * 5 + [429]
        assert answers[0].json()["error_code"] == "mfa_verification_failed"
        refused = verify(client, factor, code(factor), challenge_id)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 120


async def test_a_refresh_token_from_before(own_api, database_url: str):
    """What was stolen before the second factor does not lead to two."""
    account = own_api.new_account()
    stolen = account.session["refresh_token"]
    with own_api.client(account.token) as client:
        factor = enrol(client)
        session = verify(client, factor, code(factor)).json()
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "UPDATE refresh_tokens SET used_at = used_at - interval '11 seconds'"
        )
    finally:
        await connection.close()
    path = "/auth/v1/token?grant_type=refresh_token"
    with own_api.client() as client:
        answer = client.post(path, json={"refresh_token": stolen})
        assert answer.json()["error_code"] == "refresh_token_already_used"
        answer = client.post(path, json={"refresh_token": session["refresh_token"]})
        assert answer.status_code == 400


async def test_what_is_refused(own_api, database_url: str):
    account, stranger = own_api.new_account(), own_api.new_account()
    with own_api.client(account.token) as client, own_api.client(stranger.token) as strange:
        factor = enrol(client)
        challenge_id = challenge(client, factor)
        for body in ({"factor_type": "phone"}, {}, {"factor_type": "totp", "issuer": 7}):
            assert client.post("/auth/v1/factors", json=body).status_code == 400
        again = client.post(
            "/auth/v1/factors", json={"factor_type": "totp", "friendly_name": "phone"}
        )
        assert (again.status_code, again.json()["error_code"]) == (422, "mfa_factor_name_conflict")
        for _ in range(9):
            enrol(client, name="")
        many = client.post("/auth/v1/factors", json={"factor_type": "totp"})
        assert many.json()["error_code"] == "too_many_enrolled_mfa_factors"
        # A stranger's factor, a stranger's challenge, no challenge.
        path = f"/auth/v1/factors/{factor['id']}"
        assert strange.post(f"{path}/challenge", json={}).status_code == 404
        assert strange.delete(path).status_code == 404
        assert verify(strange, factor, code(factor), challenge_id).status_code == 404
        answer = verify(client, factor, code(factor), str(uuid.uuid4()))
        assert answer.json()["error_code"] == "mfa_challenge_expired"
        other = own_api.client(sign_in(own_api, account)["access_token"])
        with other:
            answer = verify(other, factor, code(factor), challenge_id)
            assert answer.json()["error_code"] == "mfa_challenge_expired"
        connection = await asyncpg.connect(database_url)
        try:
            await connection.execute("UPDATE factor_challenge SET expires_at = now()")
        finally:
            await connection.close()
        answer = verify(client, factor, code(factor), challenge_id)
        assert answer.json()["error_code"] == "mfa_challenge_expired"
        assert verify(client, factor, code(factor)).status_code == 200


@pytest.mark.parametrize("given", ["", "12345", "abcdef", "1" * 500])
def test_what_is_no_code(api, given: str):
    account = api.new_account()
    with api.client(account.token) as client:
        factor = enrol(client)
        answer = verify(client, factor, given)
        assert (answer.status_code, answer.json()["error_code"]) == (422, "mfa_verification_failed")


def test_a_lost_factor_is_removed_by_an_administrator_of_the_platform(
    api_process, database_url: str, management_postgres
):
    admin_email = "root@example.test"
    with Inbox() as inbox:
        api = api_process(
            PLATFORM_ADMINS=admin_email, MAILER_AUTOCONFIRM="true", **inbox.environment
        )
        admin, account = api.new_account(admin_email), api.new_account()
        with api.client(account.token) as client:
            factor = enrol(client)
            session = verify(client, factor, code(factor)).json()
            token = client.post(
                "/platform/profile/access-tokens",
                json={"name": "program"},
                headers={"Authorization": f"Bearer {session['access_token']}"},
            ).json()["token"]
        weak = sign_in(api, account)
        path, body = "/platform/lost-factors", {"email": account.email.upper()}
        with api.client(weak["access_token"]) as client:
            assert client.get("/platform/organizations").json() == REFUSED
        with api.client(session["access_token"]) as client:
            assert client.post(path, json=body).status_code == 403
        database = database_url.rpartition("/")[2]
        management_postgres.psql(
            f"UPDATE accounts SET email_confirmed_at = now() WHERE email = '{admin_email}'",
            database=database,
        )
        with api.client(admin.token) as client:
            assert client.post(path, json={"email": "nobody@example.test"}).status_code == 404
            made = client.post("/platform/profile/access-tokens", json={"name": "x"}).json()
            with api.client(made["token"]) as program:
                assert program.post(path, json=body).status_code == 403
            assert client.post(path, json=body).json() == {"removed": 1}
            assert client.post(path, json=body).status_code == 404
        assert inbox.wait(account.email)["Subject"] == "Your second factors were removed"
    for ended in (session, weak):
        with api.client(ended["access_token"]) as client:
            assert client.get("/platform/profile").status_code == 401
        refreshed = httpx.post(
            f"{api.url}/auth/v1/token?grant_type=refresh_token",
            json={"refresh_token": ended["refresh_token"]},
        )
        assert refreshed.status_code == 400
    again = sign_in(api, account)
    with api.client(again["access_token"]) as client:
        assert client.get("/platform/organizations").status_code == 200
        assert client.get("/auth/v1/user").json()["factors"] == []
    with api.client(token) as program:
        assert program.get("/platform/organizations").status_code == 200
    told = management_postgres.psql(
        "SELECT entry #>> '{actor,email}' FROM audit_log WHERE entry ->> 'action' = "
        "'factor.removed'",
        database=database,
    )
    assert told.strip() == admin_email
