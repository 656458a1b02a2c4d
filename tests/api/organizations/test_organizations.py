from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest

BARE = {
    "billing_email": None,
    "billing_partner": None,
    "opt_in_tags": [],
    "restriction_status": None,
    "restriction_data": None,
    "stripe_customer_id": None,
    "subscription_id": None,
    "usage_billing_enabled": False,
    "organization_requires_mfa": False,
    "organization_missing_address": False,
    "organization_missing_tax_id": False,
    "integration_source": None,
    "requires_indirect_tax_declaration": False,
}


@pytest.mark.parametrize("prefix", ["/platform", ""])
def test_made_listed_and_read(api, prefix: str):
    account = api.new_account()
    body = {"name": " Acme Inc. ", "kind": "COMPANY", "size": "1", "tier": "tier_enterprise"}
    with api.client(account.token) as client:
        assert client.get(f"{prefix}/organizations").json() == []
        made = client.post(f"{prefix}/organizations", json=body)
        assert made.status_code == 201
        organization = made.json()
        assert organization == {
            "id": organization["id"],
            "slug": organization["slug"],
            "name": "Acme Inc.",
            "plan": {"id": "free", "name": "Free"},
            "is_owner": True,
            **BARE,
        }
        assert re.fullmatch(r"acme-inc-[a-z0-9]{8}", organization["slug"])
        assert client.get(f"{prefix}/organizations").json() == [organization]
        read = client.get(f"{prefix}/organizations/{organization['slug']}")
        assert read.json() == {**organization, "has_oriole_project": False}


def test_the_same_name_twice(api):
    account = api.new_account()
    with api.client(account.token) as client:
        for _ in range(3):
            assert client.post("/platform/organizations", json={"name": "Acme"}).status_code == 201
        listed = client.get("/platform/organizations").json()
    assert [item["name"] for item in listed] == ["Acme"] * 3
    assert len({item["slug"] for item in listed}) == 3
    assert [item["id"] for item in listed] == sorted(item["id"] for item in listed)


@pytest.mark.parametrize("name", [None, "", "   ", "x" * 257, 7, "a\0b", "a\nb", ["a"]])
def test_what_is_refused(api, name: object):
    account = api.new_account()
    with api.client(account.token) as client:
        answer = client.post("/platform/organizations", json={"name": name})
        assert answer.status_code == 400
        assert answer.json()["message"]
        assert client.get("/platform/organizations").json() == []


async def test_all_or_nothing(own_api, database_url: str):
    """When the membership cannot be written, there is no organization either."""
    account = own_api.new_account()
    await execute(
        database_url,
        "ALTER TABLE organization_membership ADD CONSTRAINT none CHECK (role <> 'Owner')",
    )
    with own_api.client(account.token) as client:
        answer = client.post("/platform/organizations", json={"name": "Acme"})
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})
    assert await count(database_url, "organizations") == 0


def test_an_account_owns_only_so_many(api_process):
    first, second = (api_process(ORGANIZATIONS_PER_ACCOUNT="3") for _ in range(2))
    account = first.new_account()
    with first.client(account.token) as client, second.client(account.token) as other:
        clients = [client, other] * 4

        def make(client):
            return client.post("/platform/organizations", json={"name": "Acme"})

        with ThreadPoolExecutor(len(clients)) as pool:
            codes = [answer.status_code for answer in pool.map(make, clients)]
        assert sorted(codes) == [201] * 3 + [403] * 5
        refused = client.post("/v1/organizations", json={"name": "Acme"})
        assert refused.status_code == 403
        assert "owns 3 organizations, and may make no more than 3" in refused.json()["message"]
        listed = client.get("/platform/organizations").json()
        assert len(listed) == 3
        assert client.delete(f"/platform/organizations/{listed[0]['slug']}").status_code == 200
        assert make(client).status_code == 201
    stranger = first.new_account()
    with first.client(stranger.token) as client:
        assert make(client).status_code == 201


def test_another_account_sees_nothing(api):
    ann, bob = api.new_account(), api.new_account()
    with api.client(ann.token) as client:
        hers = client.post("/platform/organizations", json={"name": "Hers"}).json()
    with api.client(bob.token) as client:
        his = client.post("/platform/organizations", json={"name": "His"}).json()
        assert client.get("/platform/organizations").json() == [his]
        for prefix in ("/platform", ""):
            foreign = client.get(f"{prefix}/organizations/{hers['slug']}")
            unknown = client.get(f"{prefix}/organizations/nobody-has-this")
            assert foreign.status_code == unknown.status_code == 404
            assert foreign.json() == unknown.json() == {"message": "Organization not found"}
        slugs = {item["organization_slug"] for item in client.get("/profile/permissions").json()}
        assert slugs == {his["slug"]}


@pytest.mark.parametrize("slug", ["%00", "..%2F", "a%20b", "%F0%9F%98%80", "x" * 3000])
def test_strange_slugs(api, slug: str):
    account = api.new_account()
    with api.client(account.token) as client:
        answer = client.get(f"/platform/organizations/{slug}")
    assert answer.status_code in (400, 404)
    assert answer.json()["message"]


@pytest.mark.parametrize("role", ["Administrator", "Developer", "Read-only"])
async def test_a_member_of_another_role(own_api, database_url: str, role: str):
    ann, bob = own_api.new_account(), own_api.new_account()
    with own_api.client(ann.token) as client:
        organization = client.post("/platform/organizations", json={"name": "Hers"}).json()
    await execute(
        database_url,
        "INSERT INTO organization_membership (organization_id, account_id, role) "
        f"SELECT {organization['id']}, id, '{role}' FROM accounts WHERE email = '{bob.email}'",
    )
    with own_api.client(bob.token) as client:
        (listed,) = client.get("/platform/organizations").json()
        assert listed["is_owner"] is False
        assert client.get(f"/platform/organizations/{listed['slug']}").status_code == 200
        grants = client.get("/platform/profile/permissions").json()
    assert grants
    assert {grant["organization_slug"] for grant in grants} == {listed["slug"]}
    assert not any("*" in "".join(grant["actions"] + grant["resources"]) for grant in grants)


async def test_an_unknown_role_cannot_be_stored(own_api, database_url: str):
    account = own_api.new_account()
    with own_api.client(account.token) as client:
        client.post("/platform/organizations", json={"name": "Hers"})
    with pytest.raises(asyncpg.CheckViolationError):
        await execute(database_url, "UPDATE organization_membership SET role = 'owner'")


async def count(database_url: str, table: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))
    finally:
        await connection.close()


async def execute(database_url: str, text: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(text)
    finally:
        await connection.close()
