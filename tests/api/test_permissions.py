"""The table of roles, and roles that are limited to some projects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest


def wish(client: httpx.Client, slug: str) -> str:
    body = {"name": "Mars", "organization_slug": slug, "cloud_provider": "K8S"}
    return str(client.post("/platform/projects", json=body).json()["ref"])


def listed(client: httpx.Client, path: str) -> list[str]:
    answer = client.get(path, headers={"Version": "2"}).json()
    return [item["ref"] for item in answer["projects"]]


def test_the_environment_may_give_another_table(api_process, tmp_path: Path):
    """A file with the grants of one role; lists hold what it lets be read."""
    table = tmp_path / "permissions.json"
    table.write_text(
        '{"Owner": [{"actions": ["%"], "resources": ["%"]}, {"actions": ["read:Read"], '
        '"resources": ["projects"], "restrictive": true}]}'
    )
    process = api_process(PERMISSIONS_FILE=str(table))
    with process.client(process.new_account().token) as client:
        slug = client.post("/platform/organizations", json={"name": "Hers"}).json()["slug"]
        ref = wish(client, slug)
        told = client.get("/platform/profile/permissions").json()
        assert [grant["restrictive"] for grant in told] == [False, True]
        assert client.get(f"/platform/organizations/{slug}/projects").status_code == 403
        assert client.get(f"/platform/projects/{ref}").status_code == 403
        assert listed(client, "/platform/projects") == []


async def test_a_member_of_single_projects(own_api, database_url: str):
    """Each sees the project of the role only, in lists and by its ref, and is told so."""
    ann, bob = own_api.new_account(), own_api.new_account()
    with own_api.client(ann.token) as client:
        organization = client.post("/platform/organizations", json={"name": "Hers"}).json()
        slug = organization["slug"]
        hers, his, gone = (wish(client, slug) for _ in range(3))
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "INSERT INTO organization_membership (organization_id, account_id) "
            "SELECT $1, id FROM accounts WHERE email = $2",
            organization["id"],
            bob.email,
        )
        for ref, role in ((his, "Developer"), (gone, "Read-only")):
            await connection.execute(
                "WITH made AS (INSERT INTO project_role (organization_id, account_id, role) "
                "SELECT $1, id, $2 FROM accounts WHERE email = $3 RETURNING id) "
                "INSERT INTO project_role_project (role_id, project_id) "
                "SELECT made.id, p.id FROM made, project AS p WHERE p.project_ref = $4",
                *(organization["id"], role, bob.email, ref),
            )
        await connection.execute(
            "UPDATE project SET removed_at = now() WHERE project_ref = $1", gone
        )
    finally:
        await connection.close()
    with own_api.client(bob.token) as client:
        assert listed(client, "/platform/projects") == [his]
        assert listed(client, f"/platform/organizations/{slug}/projects") == [his]
        assert client.get(f"/platform/organizations/{slug}").status_code == 200
        assert client.get(f"/platform/projects/{his}").status_code == 200
        assert client.get(f"/platform/projects/{hers}").status_code == 403
        body: dict[str, Any] = {"name": "Mars", "organization_slug": slug}
        assert client.post("/platform/projects", json=body).status_code == 403
        grants = client.get("/platform/profile/permissions").json()
    assert grants
    assert {tuple(grant["project_refs"]) for grant in grants} == {(his,)}
    assert all(len(grant["project_ids"]) == 1 for grant in grants)
    with own_api.client(ann.token) as client:
        assert listed(client, "/platform/projects") == [hers, his]


@pytest.mark.parametrize("text", ["[]", '{"Boss": []}', '{"Owner": [{"actions": ["*"]}]}'])
def test_a_table_that_cannot_be_meant_stops_the_start(api_process, text: str):
    process = api_process(wait=False, PERMISSIONS=text)
    assert process.wait_ended() != 0
    assert "PERMISSIONS" in process.logs
