"""What belongs to an account: its names, its sessions, its end."""

from __future__ import annotations

import asyncio
import json
import secrets

import asyncpg
import httpx
import pytest

from supamanager_dev.plainhttp import NO_TLS

PASSWORD = "Correct-Horse-7"


@pytest.mark.parametrize("prefix", ["/platform", ""])
def test_names(api, prefix: str):
    account = api.new_account()
    with api.client(account.token) as client:
        body = {
            "first_name": "Ann",
            "last_name": "Lee",
            "username": "ann",
            "primary_email": account.email.upper(),
        }
        answer = client.patch(f"{prefix}/profile", json=body)
        assert answer.status_code == 200
        assert client.patch(f"{prefix}/profile", json={"last_name": "Li"}).status_code == 200
        client.post("/platform/profile")
        profile = client.get("/platform/profile").json()
        assert [profile[name] for name in ("first_name", "last_name", "username")] == [
            "Ann",
            "Li",
            "ann",
        ]
        for body in ({"username": ""}, {"username": "x" * 300}, {"first_name": 7}, []):
            assert client.patch(f"{prefix}/profile", json=body).status_code == 400
        answer = client.patch(f"{prefix}/profile", json={"primary_email": "b@example.test"})
        assert (answer.status_code, "update-email" in answer.json()["message"]) == (400, True)
        assert client.get("/auth/v1/user").json()["email"] == account.email


@pytest.mark.parametrize(
    ("email", "status"),
    [("another's", 409), ("", 400), ("present", 400), ("often", 429)],
)
def test_of_password_and_address_both_are_changed_or_none(api_process, email: str, status: int):
    api = api_process(RATE_LIMITS=json.dumps({"mail-email": [1, 3600], "sign-in-address": [99, 1]}))
    account, stranger = api.new_account(), api.new_account()
    right = {"email": account.email, "password": PASSWORD}
    with api.client() as client:
        other = client.post("/platform/auth/login", json=right).json()
    often = f"{secrets.token_hex(4)}@example.test"
    asked = {"another's": stranger.email, "present": account.email, "often": often}.get(email, "")
    with api.client(account.token) as client, api.client(other["access_token"]) as second:
        if email == "often":
            with api.client(stranger.token) as strange:
                path = "/platform/update-email"
                for address in (often, f"{secrets.token_hex(4)}@example.test"):
                    assert strange.put(path, json={"newEmail": address}).status_code == 200
        body = {"password": "Another-Horse-8", "current_password": PASSWORD, "email": asked}
        answer = client.put("/auth/v1/user", json=body)
        assert answer.status_code == status, answer.text
        assert client.post("/platform/auth/login", json=right).status_code == 200
        assert second.get("/auth/v1/user").json()["email"] == account.email
        body["email"] = f"{secrets.token_hex(4)}@example.test"
        answer = client.put("/auth/v1/user", json=body)
        assert (answer.status_code, answer.json()["email"]) == (200, body["email"])
        assert second.get("/auth/v1/user").status_code == 403
        assert client.post("/platform/auth/login", json=right).status_code == 400
        new = {"email": body["email"], "password": body["password"]}
        assert client.post("/platform/auth/login", json=new).status_code == 200


def test_sessions(api):
    account, stranger = api.new_account(), api.new_account()
    with api.client() as client:
        headers = {"User-Agent": "Phone/1", "X-Forwarded-For": "192.0.2.7"}
        body = {"email": account.email, "password": PASSWORD}
        other = client.post("/platform/auth/login", json=body, headers=headers).json()
    path = "/platform/profile/sessions"
    with api.client(account.token) as client, api.client(stranger.token) as strange:
        newest, oldest = client.get(path).json()
        assert (newest["current"], oldest["current"]) == (False, True)
        assert (newest["user_agent"], newest["address"]) == ("Phone/1", "192.0.2.7")
        assert (newest["method"], newest["aal"]) == ("password", "aal1")
        assert strange.delete(f"{path}/{newest['id']}").status_code == 404
        assert client.delete(f"{path}/{newest['id']}").json() == {"id": newest["id"]}
        assert client.delete(f"{path}/{newest['id']}").status_code == 404
        assert [each["id"] for each in client.get(path).json()] == [oldest["id"]]
    with api.client(other["access_token"]) as client:
        assert client.get("/auth/v1/user").json()["error_code"] == "session_not_found"


async def test_the_end(own_api, database_url: str):
    account = own_api.new_account()
    with own_api.client(account.token) as client:
        token = client.post("/platform/profile/access-tokens", json={"name": "ci"}).json()["token"]
        slug = client.post("/platform/organizations", json={"name": "Hers"}).json()["slug"]
        refused = client.delete("/platform/profile")
        assert refused.status_code == 409
        assert "only owner of Hers" in refused.json()["message"]
        assert client.get("/auth/v1/user").status_code == 200
        connection = await asyncpg.connect(database_url)
        try:
            other = own_api.new_account()
            await connection.execute(
                "INSERT INTO organization_membership (organization_id, account_id, role) "
                "SELECT o.id, a.id, 'Owner' FROM organizations AS o, accounts AS a "
                "WHERE o.slug = $1 AND a.email = $2",
                slug,
                other.email,
            )
            assert client.delete("/platform/profile").status_code == 200
            left = {
                table: await connection.fetchval(f"SELECT count(*) FROM {table}")
                for table in ("accounts", "access_token", "sessions", "organization_membership")
            }
        finally:
            await connection.close()
        assert left == {
            "accounts": 1,
            "access_token": 0,
            "sessions": 1,
            "organization_membership": 1,
        }
        assert client.get("/auth/v1/user").status_code == 403
        body = {"email": account.email, "password": PASSWORD}
        assert client.post("/platform/auth/login", json=body).status_code == 400
        # The address is free again.
        assert client.post("/platform/signup", json=body).status_code == 201
        assert client.post("/platform/auth/login", json=body).status_code == 200
    with own_api.client(token) as program:
        assert program.get("/v1/profile").status_code == 401


async def test_two_owners_that_leave_at_once(api_process, database_url: str):
    """One of them has to stay."""
    processes = [api_process(), api_process()]
    owners = [processes[0].new_account() for _ in range(2)]
    with processes[0].client(owners[0].token) as client:
        client.post("/platform/organizations", json={"name": "Theirs"})
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "INSERT INTO organization_membership (organization_id, account_id, role) "
            "SELECT o.id, a.id, 'Owner' FROM organizations AS o, accounts AS a "
            "ON CONFLICT DO NOTHING"
        )
        async with httpx.AsyncClient(timeout=30, verify=NO_TLS) as client:
            answers = await asyncio.gather(
                *(
                    client.delete(f"{process.url}/platform/profile", headers=owner.headers)
                    for process, owner in zip(processes, owners, strict=True)
                )
            )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert await connection.fetchval("SELECT count(*) FROM organization_membership") == 1
    finally:
        await connection.close()


async def test_limits_hold_in_every_process(api_process, database_url: str):
    limits = '{"sign-in": [4, 600]}'
    processes = [api_process(RATE_LIMITS=limits) for _ in range(2)]
    account = processes[0].new_account()
    wrong = {"email": account.email, "password": "Wrong-Horse-7"}
    right = {"email": account.email, "password": PASSWORD}
    path = "/auth/v1/token?grant_type=password"
    async with httpx.AsyncClient(timeout=60, verify=NO_TLS) as client:
        # All at once: what is under way counts.
        answers = await asyncio.gather(
            *(client.post(f"{processes[n % 2].url}{path}", json=wrong) for n in range(10))
        )
        codes = [answer.status_code for answer in answers]
        assert (codes.count(400), codes.count(429)) == (4, 6)
        for process in processes:
            for where, key in ((path, "msg"), ("/platform/auth/login", "message")):
                refused = await client.post(f"{process.url}{where}", json=right)
                assert refused.status_code == 429
                assert refused.json()[key] == "Too many attempts; try again later"
                assert 590 < int(refused.headers["Retry-After"]) <= 600
        # Somebody else, and the same person from elsewhere, are not kept out.
        elsewhere = {"X-Forwarded-For": "192.0.2.9"}
        allowed = await client.post(f"{processes[1].url}{path}", json=right, headers=elsewhere)
        assert allowed.status_code == 200
        other = {"email": f"{secrets.token_hex(4)}@example.test", "password": PASSWORD}
        answer = await client.post(f"{processes[0].url}{path}", json=other)
        assert answer.status_code == 400
    connection = await asyncpg.connect(database_url)
    try:
        kept = str(await connection.fetch("SELECT r::text FROM rate_limit AS r"))
    finally:
        await connection.close()
    assert account.email not in kept


def test_success_uses_nothing_up(api_process):
    api = api_process(RATE_LIMITS='{"sign-in": [2, 600], "sign-in-address": [2, 600]}')
    account = api.new_account()
    body = {"email": account.email, "password": PASSWORD}
    with api.client() as client:
        answers = [client.post("/platform/auth/login", json=body) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 4
