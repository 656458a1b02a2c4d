"""Deleted projects whose data was kept, and how one comes back."""

from __future__ import annotations

import asyncio
import json

import pytest

from asking import eventually
from supamanager_api.database import Database
from supamanager_api.projects import reflection

ADMIN = "root@example.test"
LIST = "/platform/retained-projects"


@pytest.fixture
def api_environment(api_environment):
    return {**api_environment, "PLATFORM_ADMINS": ADMIN}


@pytest.fixture
def admin(api, management):
    token = api.new_account(ADMIN).token
    with api.client(token) as client:
        assert client.get(LIST).status_code == 403
        management.confirm(ADMIN)
        yield client


def retain(cluster, ref: str, uid: str) -> None:
    """As the operator keeps what belonged to the resource of this uid."""
    labels = {"supamanager.io/retained-from": uid}
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": f"{ref}-database", "labels": labels},
    }
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(body))


def deleted(owner, cluster, **wish) -> tuple[str, str]:
    """Ref and uid of a project that was deleted; nothing of it is kept yet."""
    ref = owner.create(**wish)
    uid = eventually(lambda: cluster.project(ref))["metadata"]["uid"]
    cluster.activate(ref)
    owner.await_word(ref, "ACTIVE_HEALTHY")
    assert owner.client.post(f"/platform/projects/{ref}/pause").status_code == 201
    assert owner.client.delete(f"/platform/projects/{ref}").status_code == 200
    owner.await_word(ref, "REMOVED")
    return ref, uid


def test_a_retained_project_comes_back(owner, admin, cluster, rows, database_url):
    ref, uid = deleted(owner, cluster, name="Shop", desired_instance_size="micro")
    found = admin.get(LIST).json()
    assert found["pagination"] == {"count": 1, "limit": 100, "offset": 0}
    told = found["projects"][0]
    assert (told["ref"], told["name"], told["organization_slug"]) == (ref, "Shop", owner.slug)
    assert told["removed_at"] >= told["inserted_at"]
    assert owner.client.get(LIST).status_code == 403
    restore = f"{LIST}/{ref}/restore"
    assert owner.client.post(restore).status_code == 403
    assert admin.post(f"{LIST}/{'a' * 20}/restore").status_code == 404

    answer = admin.post(restore)
    assert answer.status_code == 409
    assert answer.json()["message"] == "The project's data is not there any more"
    retain(cluster, ref, "11111111-1111-4111-8111-111111111111")
    answer = admin.post(restore)
    assert answer.status_code == 409
    assert "another's" in answer.json()["message"]
    assert admin.get(LIST).json()["pagination"]["count"] == 1

    retain(cluster, ref, uid)
    quotas = f"/platform/organizations/{owner.slug}/quotas"
    assert admin.put(quotas, json={"projects": 0}).status_code == 200
    answer = admin.post(restore)
    assert answer.status_code == 403
    assert "quota" in answer.json()["message"]
    assert admin.get(LIST).json()["pagination"]["count"] == 1
    assert admin.put(quotas, json={"projects": 1}).status_code == 200
    answer = admin.post(restore)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["ref"], answer.json()["status"]) == (ref, "COMING_UP")
    assert admin.get(LIST).json()["projects"] == []
    assert admin.post(restore).status_code == 404
    route = "/platform/retained-projects/{ref}/restore"
    told = rows(f"SELECT entry -> 'actor' AS actor FROM audit_log "
                f"WHERE entry #>> '{{request,route}}' = '{route}'")  # fmt: skip
    assert {each["actor"]["email"] for each in told} == {ADMIN}
    live = eventually(lambda: cluster.project(ref))
    assert live["metadata"]["uid"] != uid
    assert live["metadata"]["labels"]["supamanager.io/organization"] == owner.slug
    assert live["spec"]["http"]["host"] == f"{ref}.projects.test"
    assert (live["spec"]["paused"], live["spec"]["size"]) == (False, "micro")
    assert owner.word(ref) == "COMING_UP"
    cluster.activate(ref)
    owner.await_word(ref, "ACTIVE_HEALTHY")

    # What is still told of the old resource is not about the new one.
    async def late() -> None:
        database = await Database.open(database_url)
        async with database.transaction() as connection:
            await connection.execute("UPDATE project SET resource_uid = NULL")
            await reflection.remove(connection, uid=uid, key=(cluster.namespace, ref))
            kept = await connection.fetchval("SELECT removed_at IS NULL FROM project")
            await connection.execute(
                "UPDATE project SET resource_uid = $1", live["metadata"]["uid"]
            )
        await database.close()
        assert kept

    asyncio.run(late())
    assert owner.word(ref) == "ACTIVE_HEALTHY"
    assert owner.client.post(f"/platform/projects/{ref}/pause").status_code == 201
    eventually(lambda: cluster.project(ref)["spec"]["paused"])
    assert rows("SELECT count(*) AS n FROM project_ref") == [{"n": 1}]


def test_what_is_not_offered(owner, admin, cluster, rows):
    """A project whose data went with it, and one whose name somebody else has taken."""
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    cluster.apply(ref, {"deletionPolicy": "Delete"}, force=True)
    eventually(lambda: rows("SELECT id FROM project WHERE live ->> 'deletionPolicy' = 'Delete'"))
    assert owner.client.delete(f"/platform/projects/{ref}").status_code == 200
    owner.await_word(ref, "REMOVED")
    assert admin.get(LIST).json()["projects"] == []
    assert admin.post(f"{LIST}/{ref}/restore").status_code == 404

    ref, uid = deleted(owner, cluster)
    retain(cluster, ref, uid)
    cluster.apply(ref, {})
    answer = admin.post(f"{LIST}/{ref}/restore")
    assert answer.status_code == 409
    assert answer.json()["message"] == f"Another resource is named {ref} now"
