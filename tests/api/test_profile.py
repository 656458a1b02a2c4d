from __future__ import annotations

import asyncpg
import pytest

from supamanager_api.http.platform import features


@pytest.mark.parametrize("prefix", ["/platform", ""])
def test_the_first_sign_in(api, prefix: str):
    account = api.new_account()
    with api.client(account.token) as client:
        missing = client.get(f"{prefix}/profile", headers={"Version": "2"})
        assert (missing.status_code, missing.json()) == (
            404,
            {"message": "User's profile not found"},
        )
        permissions = client.get(f"{prefix}/profile/permissions")
        assert (permissions.status_code, permissions.json()) == (200, [])
        assert client.post(f"{prefix}/profile/audit-login").status_code == 201
        made = client.post(f"{prefix}/profile")
        assert made.status_code == 201
        assert client.get(f"{prefix}/profile").json() == made.json()
        again = client.post(f"{prefix}/profile")
        assert again.status_code == 409
        assert "already exists" in again.json()["message"]
    assert made.json() == {
        "id": made.json()["id"],
        "gotrue_id": account.session["user"]["id"],
        "auth0_id": "",
        "primary_email": account.email,
        "username": account.email.partition("@")[0],
        "first_name": None,
        "last_name": None,
        "mobile": None,
        "is_alpha_user": False,
        "is_sso_user": False,
        "free_project_limit": None,
        "disabled_features": list(features.DISABLED),
    }


async def test_sign_ins_are_recorded(own_api, database_url: str):
    account = own_api.new_account()
    agents = ["Studio/1", "x" * 2000, ""]
    with own_api.client(account.token) as client:
        for agent in agents:
            headers = {"User-Agent": agent}
            assert client.post("/platform/profile/audit-login", headers=headers).status_code == 201
        user = client.get("/auth/v1/user").json()
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            "SELECT l.*, a.gotrue_id FROM login_audit AS l "
            "JOIN accounts AS a ON a.id = l.account_id ORDER BY l.id"
        )
    finally:
        await connection.close()
    assert [str(row["gotrue_id"]) for row in rows] == [user["id"]] * 3
    assert [row["address"] for row in rows] == ["127.0.0.1"] * 3
    assert [row["user_agent"] for row in rows] == ["Studio/1", "x" * 512, None]


def test_permissions_of_an_owner(api):
    account = api.new_account()
    with api.client(account.token) as client:
        made = [
            client.post("/platform/organizations", json={"name": name}).json()
            for name in ("One", "Two")
        ]
        for path in ("/platform/profile/permissions", "/profile/permissions"):
            assert client.get(path).json() == [
                {
                    "organization_id": organization["id"],
                    "organization_slug": organization["slug"],
                    "actions": ["%"],
                    "resources": ["%"],
                    "condition": None,
                    "restrictive": False,
                    "project_ids": [],
                    "project_refs": [],
                }
                for organization in made
            ]
