"""Shapes of answers, whose they are, and what they may hold."""

from __future__ import annotations

import asyncio
import json

import asyncpg

from asking import bound, eventually, new_owner


def write_keys(cluster, ref: str, rows) -> None:
    """The Secret that the operator would make."""
    values = {"anon-key": "anon.jwt", "service-role-key": "service.jwt", "jwt-secret": "hmac"}
    cluster.put_secret(ref, "keys", values, uid=bound(rows, ref))


def test_settings_and_keys(owner, cluster, rows):
    ref = owner.create()
    for path in (f"/platform/projects/{ref}/settings", f"/platform/project/{ref}/settings"):
        early = owner.client.get(path)
        assert early.status_code == 200, early.text
        assert early.json()["service_api_keys"] == []
        assert early.json()["services"][0]["service_api_keys"] == []
    write_keys(cluster, ref, rows)
    settings = owner.client.get(f"/platform/projects/{ref}/settings").json()
    keys = {each["name"]: each["api_key"] for each in settings["service_api_keys"]}
    assert keys == {"anon": "anon.jwt", "service_role": "service.jwt"}
    assert settings["jwt_secret"] == settings["project"]["jwt_secret"] == "hmac"
    assert settings["app_config"]["endpoint"] == f"{ref}.projects.test"
    assert settings["app_config"]["protocol"] == "https"
    assert settings["db_host"] == f"db.{ref}.projects.test"
    assert settings["db_port"] == 5432
    assert settings["services"][0]["app"]["id"] == 1
    for path in ("/platform/projects/{}/api", "/projects/{}/api", "/project/{}/api",
                 "/props/project/{}/api"):  # fmt: skip
        service = owner.client.get(path.format(ref)).json()["autoApiService"]
        assert service["defaultApiKey"] == "anon.jwt"
        assert service["serviceApiKey"] == "service.jwt"
        assert service["restUrl"] == f"https://{ref}.projects.test/rest/v1/"
    assert "service.jwt" not in str(rows("SELECT * FROM project"))


def test_a_role_that_may_not_read_keys(api, owner, cluster, management, rows):
    ref = owner.create()
    write_keys(cluster, ref, rows)
    reader = api.new_account()
    management.add_member(reader.email, owner.organization["id"], role="Read-only")
    with api.client(reader.token) as client:
        settings = client.get(f"/platform/projects/{ref}/settings").json()
        assert [each["name"] for each in settings["service_api_keys"]] == ["anon"]
        assert "jwt_secret" not in settings
        assert "service.jwt" not in json.dumps(settings)
        assert client.get(f"/platform/projects/{ref}").status_code == 200
        for method, path in (("POST", "/pause"), ("POST", "/restore"), ("DELETE", "")):
            answer = client.request(method, f"/platform/projects/{ref}{path}")
            assert answer.status_code == 403, (method, path)
        body = {"name": "No", "organization_slug": owner.slug}
        assert client.post("/platform/projects", json=body).status_code == 403


def test_strangers_find_nothing(api, owner, cluster):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    with new_owner(api) as other:
        paths = [
            ("GET", f"{prefix}/{path}")
            for prefix in ("", "/platform")
            for path in (
                f"projects/{ref}", f"projects/{ref}/status", f"projects/{ref}/settings",
                f"projects/{ref}/api", f"project/{ref}", f"project/{ref}/status",
                f"project/{ref}/settings", f"project/{ref}/api", f"props/project/{ref}/api",
                f"organizations/{owner.slug}/projects",
            )
        ]  # fmt: skip
        paths += [
            ("POST", f"/platform/projects/{ref}/pause"),
            ("POST", f"/platform/projects/{ref}/restore"),
            ("DELETE", f"/platform/projects/{ref}"),
            ("DELETE", f"/projects/{ref}"),
        ]
        for method, path in paths:
            answer = other.client.request(method, path)
            assert answer.status_code == 404, (method, path, answer.text)
            assert answer.json()["message"]
        assert other.client.get("/platform/projects").json() == []
        body = {"name": "x", "organization_slug": owner.slug}
        assert other.client.post("/platform/projects", json=body).status_code == 404
        body = {"name": "x", "org_id": owner.organization["id"]}
        assert other.client.post("/projects", json=body).status_code == 404
    assert cluster.project(ref)["spec"]["paused"] is False
    for bad in ("default", "ABC", "x" * 20 + "y", "%00"):
        assert owner.client.get(f"/platform/projects/{bad}").status_code == 404


def test_lists(owner):
    names = ["beta", "alpha", "Gamma"]
    refs = {name: owner.create(name=name) for name in names}
    older = owner.client.get("/projects").json()
    assert [each["name"] for each in older] == names
    assert all(each["preview_branch_refs"] == [] for each in older)
    assert {each["cloud_provider"] for each in older} == {"K8S"}
    assert all(each["status"] == "COMING_UP" and each["inserted_at"] for each in older)

    newer = owner.client.get(
        "/platform/projects", params={"limit": 2, "offset": 1}, headers={"Version": "2"}
    ).json()
    assert newer["pagination"] == {"count": 3, "limit": 2, "offset": 1}
    assert [each["name"] for each in newer["projects"]] == ["alpha", "Gamma"]
    assert {each["cloud_provider"] for each in newer["projects"]} == {"AWS"}

    def listed(**query: str) -> list[str]:
        path = f"/platform/organizations/{owner.slug}/projects"
        answer = owner.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        for item in answer.json()["projects"]:
            assert item["databases"][0]["identifier"] == item["ref"]
        return [item["name"] for item in answer.json()["projects"]]

    assert listed(sort="name_asc") == ["alpha", "beta", "Gamma"]
    assert listed(sort="name_desc") == ["Gamma", "beta", "alpha"]
    assert listed(sort="created_desc") == ["Gamma", "alpha", "beta"]
    assert listed(search="AMM") == ["Gamma"]
    assert listed(search=refs["beta"]) == ["beta"]
    assert listed(search="%") == []
    assert listed(statuses="ACTIVE_HEALTHY,INACTIVE") == []
    assert listed(statuses="COMING_UP", search="", sort="") == names


def test_the_detail(owner):
    ref = owner.create(desired_instance_size="micro")
    for path in (f"/platform/projects/{ref}", f"/projects/{ref}", f"/project/{ref}"):
        detail = owner.client.get(path).json()
        assert detail["ref"] == ref
        assert detail["organization_id"] == owner.organization["id"]
        assert detail["restUrl"] == f"https://{ref}.projects.test/rest/v1/"
        assert detail["db_host"] == f"db.{ref}.projects.test"
        assert detail["infra_compute_size"] == "micro"
        assert detail["connectionString"]


async def test_each_change_is_told(owner, cluster, database_url, rows):
    """NOTIFY carries the id and nothing else."""
    told: list[str] = []
    connection = await asyncpg.connect(database_url)

    def mirrored() -> bool:
        row = rows(
            "SELECT resource_version AS v, intent_revision = applied_revision AS a FROM project"
        )
        return row == [{"v": cluster.project(ref)["metadata"]["resourceVersion"], "a": True}]

    def reached(word: str) -> bool:
        return rows("SELECT status FROM project") == [{"status": word}]

    async def count() -> int:
        # The server sends what was told so far before it answers.
        await connection.execute("SELECT 1")
        return len(told)

    try:
        await connection.add_listener(
            "project_changed", lambda *arguments: told.append(arguments[3])
        )
        ref = await asyncio.to_thread(owner.create)
        await asyncio.to_thread(eventually, lambda: cluster.project(ref))
        number = str(rows("SELECT id FROM project")[0]["id"])
        for change, word in (
            (lambda: cluster.activate(ref), "ACTIVE_HEALTHY"),
            (lambda: cluster.report(ref, Ready="False/Degraded"), "ACTIVE_UNHEALTHY"),
            (lambda: cluster.apply(ref, {"size": "large"}), "RESIZING"),
            (lambda: owner.client.post(f"/platform/projects/{ref}/pause"), "PAUSING"),
            (lambda: cluster.kubectl("delete", "sbp", ref), "REMOVED"),
        ):
            await asyncio.to_thread(eventually, mirrored)
            before = await count()
            await asyncio.to_thread(change)
            await asyncio.to_thread(eventually, lambda word=word: reached(word))
            assert await count() > before
        assert set(told) == {number}
    finally:
        await connection.close()
