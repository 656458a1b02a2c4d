"""What an account loses, or comes to own, while a request about it is under way."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import argon2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from meanwhile import count, meanwhile
from teams import Team

LOGIN = "/platform/auth/login"
SESSIONS = "SELECT count(*) FROM sessions"
MADE = (
    "WITH made AS (INSERT INTO organizations (slug, name) VALUES ('hers', 'Hers') RETURNING id) "
    "INSERT INTO organization_membership (organization_id, account_id, role) "
    "SELECT made.id, accounts.id, 'Owner' FROM made, accounts"
)
ORPHANS = (
    "SELECT count(*) FROM organizations WHERE id NOT IN "
    "(SELECT organization_id FROM organization_membership WHERE role = 'Owner')"
)


def hashed(password: str) -> str:
    return argon2.PasswordHasher(time_cost=3, memory_cost=65536, parallelism=2).hash(password)


async def test_the_old_password_opens_no_session_after_its_change(own_api, database_url: str):
    account = own_api.new_account()
    body = {"email": account.email, "password": account.password}
    with own_api.client() as client:
        answer = await meanwhile(
            database_url,
            lambda: client.post(LOGIN, json=body),
            f"UPDATE accounts SET password_hash = '{hashed('Another-Horse-7')}'",
            "DELETE FROM sessions",
        )
        assert answer.status_code == 400, answer.text
        assert answer.json()["message"] == "Invalid login credentials"
        assert await count(database_url, SESSIONS) == 0
        assert client.post(LOGIN, json={**body, "password": "Another-Horse-7"}).is_success


async def test_the_same_password_hashed_anew_opens_one(own_api, database_url: str):
    account = own_api.new_account()
    body = {"email": account.email, "password": account.password}
    with own_api.client() as client:
        answer = await meanwhile(
            database_url,
            lambda: client.post(LOGIN, json=body),
            f"UPDATE accounts SET password_hash = '{hashed(account.password)}'",
        )
    assert answer.status_code == 200, answer.text


def public_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()


@pytest.mark.parametrize(
    ("method", "path", "body", "kept"),
    [
        ("POST", "/platform/profile/access-tokens", {"name": "ci"}, "access_token"),
        ("POST", "/platform/cli/login", {"session_id": str(uuid.uuid4())}, "access_token"),
        ("POST", "/auth/v1/factors", {"factor_type": "totp", "friendly_name": "x"}, "factor"),
        (
            "PUT",
            "/platform/update-email",
            {"newEmail": "new@example.test"},
            "accounts WHERE email = 'new@example.test'",
        ),
        ("DELETE", "/platform/profile", None, "accounts WHERE false"),
    ],
)
async def test_a_session_that_has_ended_makes_nothing(
    own_api, database_url: str, method: str, path: str, body: Any, kept: str
):
    account = own_api.new_account()
    if path.endswith("/cli/login"):
        body = {**body, "public_key": public_key()}
    with own_api.client(account.token) as client:
        answer = await meanwhile(
            database_url,
            lambda: client.request(method, path, json=body),
            "SELECT FROM accounts FOR UPDATE",
            "DELETE FROM sessions",
        )
    assert answer.status_code == (403 if path.startswith("/auth") else 401), answer.text
    assert "session has ended" in answer.text
    assert await count(database_url, f"SELECT count(*) FROM {kept}") == 0
    assert await count(database_url, "SELECT count(*) FROM accounts") == 1


async def test_who_comes_to_own_an_organization_is_not_deleted(own_api, database_url: str):
    account = own_api.new_account()
    with own_api.client(account.token) as client:
        answer = await meanwhile(database_url, lambda: client.delete("/platform/profile"), MADE)
    assert answer.status_code == 409, answer.text
    assert "only owner of Hers" in answer.text
    assert await count(database_url, ORPHANS) == 0


async def test_who_is_deleted_makes_no_organization(own_api, database_url: str):
    account = own_api.new_account()
    with own_api.client(account.token) as client:
        answer = await meanwhile(
            database_url,
            lambda: client.post("/platform/organizations", json={"name": "Hers"}),
            "DELETE FROM accounts",
        )
    assert answer.status_code == 401, answer.text
    assert await count(database_url, "SELECT count(*) FROM organizations") == 0


async def test_who_is_deleted_accepts_no_invitation(own_api, database_url: str):
    team = Team.found(own_api)
    guest = team.guest()
    link = team.invite(guest.email, "Owner").json()["link"]
    answer = await meanwhile(
        database_url,
        lambda: guest.accept(link),
        f"DELETE FROM accounts WHERE email = '{guest.email}'",
    )
    assert answer.status_code == 401, answer.text
    assert list(team.roles()) == [team.owner.email]


async def test_who_is_deleted_becomes_no_owner(own_api, database_url: str):
    team = Team.found(own_api)
    other = team.join("Developer")
    answer = await meanwhile(
        database_url,
        lambda: team.owner.ask("PATCH", f"{team.slug}/members/{other.gotrue_id}", {"role_id": 1}),
        f"SELECT FROM accounts WHERE email = '{other.email}' FOR UPDATE",
        f"DELETE FROM accounts WHERE email = '{other.email}'",
    )
    assert answer.status_code == 404, answer.text
    assert team.roles() == {team.owner.email: [1]}


async def test_an_organization_is_never_left_without_its_owner(api_process, database_url: str):
    """One process deletes the account while another makes organizations of it."""
    processes = [api_process(), api_process()]
    for _ in range(6):
        account = processes[0].new_account()
        with processes[0].client(account.token) as one, processes[1].client(account.token) as other:
            made, ended = await asyncio.gather(
                asyncio.to_thread(one.post, "/platform/organizations", json={"name": "Hers"}),
                asyncio.to_thread(other.delete, "/platform/profile"),
            )
        assert made.status_code in (201, 401), made.text
        assert ended.status_code in (200, 409), ended.text
        assert not (made.is_success and ended.is_success)
        assert await count(database_url, ORPHANS) == 0
