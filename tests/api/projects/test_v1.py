"""The paths of programs (command line, Terraform); Studio's paths tell what they did."""

from __future__ import annotations

import re

from asking import eventually


def test_from_the_first_call_to_the_last(api, owner, cluster):
    client = owner.client
    assert client.get("/v1/organizations").json() == [
        {"id": owner.slug, "slug": owner.slug, "name": owner.organization["name"]}
    ]
    made = client.post(
        "/v1/projects",
        json={
            "name": "Mars",
            "organization_id": owner.slug,
            "db_pass": "Sample-Password-1",
            "region_selection": {"type": "specific", "code": "jupiter-1"},
            "desired_instance_size": "micro",
            "plan": "free",
            "kps_enabled": False,
        },
        headers={"Idempotency-Key": "once"},
    )
    assert made.status_code == 201, made.text
    ref = made.json()["ref"]
    assert made.json() == {
        "id": ref,
        "ref": ref,
        "organization_id": owner.slug,
        "organization_slug": owner.slug,
        "name": "Mars",
        "region": "jupiter-1",
        "created_at": made.json()["created_at"],
        "status": "COMING_UP",
    }
    assert re.fullmatch("[a-z]{20}", ref)
    spec = eventually(lambda: cluster.project(ref))["spec"]
    assert (spec["size"], spec["displayName"]) == ("micro", "Mars")
    path = f"/v1/projects/{ref}"
    early = client.get(path).json()
    host = f"db.{ref}.projects.test"
    empty = {"host": host, "version": "", "postgres_engine": "", "release_channel": "ga"}
    assert (early["status"], early["database"]) == ("COMING_UP", empty)

    versions = [{"name": "database", "replicas": 1, "readyReplicas": 1, "version": "17.4.1"}]
    cluster.report(ref, components=versions, Ready="True/Active", Paused="False/Running")
    owner.await_word(ref, "ACTIVE_HEALTHY")
    known = {**empty, "version": "supabase-postgres-17.4.1", "postgres_engine": "17"}
    assert client.get(path).json() == {**made.json(), "status": "ACTIVE_HEALTHY", "database": known}
    assert client.get("/v1/projects").json() == [client.get(path).json()]

    renamed = client.patch(path, json={"name": "Venus"})
    assert renamed.json() == {"id": renamed.json()["id"], "ref": ref, "name": "Venus"}
    assert client.get(f"/platform/projects/{ref}").json()["name"] == "Venus"

    addons = f"{path}/billing/addons"
    (chosen,) = client.get(addons).json()["selected_addons"]
    assert (chosen["type"], chosen["variant"]["id"]) == ("compute_instance", "ci_micro")
    larger = {"addon_type": "compute_instance", "addon_variant": "ci_large"}
    assert client.patch(addons, json=larger).status_code == 200
    eventually(lambda: cluster.project(ref)["spec"]["size"] == "large")
    assert client.patch(addons, json={**larger, "addon_type": "pitr"}).status_code == 400
    assert client.get(addons).json()["selected_addons"][0]["variant"]["id"] == "ci_large"

    paused = client.post(f"{path}/pause")
    assert (paused.status_code, paused.content) == (200, b"")
    assert client.get(path).json()["status"] == "PAUSING"
    eventually(lambda: cluster.project(ref)["spec"]["paused"])
    cluster.report(ref, components=versions, Ready="False/Paused", Paused="True/Requested")
    owner.await_word(ref, "INACTIVE")
    offered = client.get(f"{path}/restore").json()["available_versions"]
    assert [each["postgres_engine"] for each in offered] == ["17"]
    restored = client.post(f"{path}/restore")
    assert (restored.status_code, restored.content) == (200, b"")
    eventually(lambda: not cluster.project(ref)["spec"]["paused"])

    ended = client.delete(path)
    assert (ended.status_code, ended.json()["ref"]) == (200, ref)
    eventually(lambda: client.get(path).status_code == 404)
    assert cluster.project(ref) is None
    assert client.get("/v1/projects").json() == []


def test_organizations(api, owner):
    made = owner.client.post("/v1/organizations", json={"name": "Second"})
    assert made.status_code == 201, made.text
    slug = made.json()["slug"]
    assert made.json() == {"id": slug, "slug": slug, "name": "Second"}
    listed = owner.client.get("/platform/organizations").json()
    assert [each["slug"] for each in listed] == [owner.slug, slug]
    assert owner.client.get(f"/v1/organizations/{slug}").json() == {
        **made.json(),
        "plan": "free",
        "opt_in_tags": [],
        "allowed_release_channels": ["ga"],
    }
    (member,) = owner.client.get(f"/v1/organizations/{slug}/members").json()
    (shown,) = owner.client.get(f"/platform/organizations/{slug}/members").json()
    assert member == {
        "user_id": shown["gotrue_id"],
        "user_name": shown["username"],
        "email": shown["primary_email"],
        "role_name": "Owner",
        "mfa_enabled": False,
    }
    for name in ("projects", "entitlements"):
        told = owner.client.get(f"/v1/organizations/{slug}/{name}")
        assert told.json() == owner.client.get(f"/platform/organizations/{slug}/{name}").json()


def test_members_of_a_project_are_who_can_see_it(api, owner, management):
    ref, other = owner.create(), owner.create()
    reader, limited = api.new_account(), api.new_account()
    for account, role in ((reader, "Read-only"), (limited, "Developer")):
        management.add_member(account.email, owner.organization["id"], role=role)
    listed = owner.client.get(f"/platform/organizations/{owner.slug}/members").json()
    ids = {each["primary_email"]: each["gotrue_id"] for each in listed}
    path = f"/platform/organizations/{owner.slug}/members/{ids[limited.email]}"
    body = {"role_id": 3, "role_scoped_projects": [other]}
    assert owner.client.patch(path, json=body).status_code == 200
    assert owner.client.delete(f"{path}/roles/3").status_code == 200

    def members(name: str) -> set[str]:
        told = owner.client.get(f"/platform/projects/{name}/members").json()["members"]
        assert {each["user_id"] for each in told} <= set(ids.values())
        return {each["primary_email"] for each in told}

    assert members(ref) == set(ids) - {limited.email}
    assert members(other) == set(ids)
    with api.client(limited.token) as client:
        assert client.get(f"/platform/projects/{ref}/members").status_code == 403
