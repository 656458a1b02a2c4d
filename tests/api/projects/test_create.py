"""Projects that are asked for over HTTP."""

from __future__ import annotations

import base64
import re

import pytest

from asking import eventually


def test_a_project_is_made(owner, cluster, rows):
    answer = owner.ask(name="My project", db_region="Mars", db_pass="Sample-Password-1")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    ref = made["ref"]
    assert re.fullmatch("[a-z]{20}", ref)
    assert made["status"] == "COMING_UP"
    assert made["endpoint"] == f"https://{ref}.projects.test"
    assert made["organization_slug"] == owner.slug
    assert made["region"] == "mars-1"
    assert made["cloud_provider"] == "K8S"

    live = eventually(lambda: cluster.project(ref))
    assert live["metadata"]["labels"] == {
        "supamanager.io/ref": ref,
        "supamanager.io/organization": owner.slug,
    }
    assert live["spec"]["displayName"] == "My project"
    assert live["spec"]["http"] == {"host": f"{ref}.projects.test", "scheme": "https"}
    assert live["spec"]["deletionPolicy"] == "Retain"
    assert live["spec"]["inputsRevision"] == 1
    managers = {each["manager"] for each in live["metadata"]["managedFields"]}
    assert "supamanager-api" in managers

    data = cluster.secret(f"{ref}-inputs")
    assert base64.b64decode(data["database-password"]) == b"Sample-Password-1"
    eventually(lambda: not rows("SELECT id FROM project_input"))
    eventually(
        lambda: (
            rows("SELECT applied_revision AS r FROM project WHERE resource_uid IS NOT NULL")
            == [{"r": 1}]
        )
    )
    assert "Sample-Password-1" not in str(rows("SELECT * FROM project"))


def test_the_words_follow_the_cluster(owner, cluster, rows):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    assert owner.word(ref) == "COMING_UP"
    cluster.report(
        ref,
        initialized=False,
        Ready="False/Provisioning",
        AuthReady="False/ImagePullBackOff",
        components=[{"name": "auth", "replicas": 1, "readyReplicas": 0, "version": "v2"}],
    )
    report = eventually(lambda: (found := owner.status(ref))["reason"] and found)
    assert report["status"] == "COMING_UP"
    assert report["reason"] == "Provisioning"
    assert report["message"] == "Ready is so"
    assert len(report["components"]) == 12
    auth = next(each for each in report["components"] if each["name"] == "auth")
    assert auth == {
        "name": "auth",
        "status": "False",
        "reason": "ImagePullBackOff",
        "message": "AuthReady is so",
    }
    assert rows("SELECT name, replicas, ready_replicas FROM project_component") == [
        {"name": "auth", "replicas": 1, "ready_replicas": 0}
    ]
    cluster.activate(ref)
    owner.await_word(ref, "ACTIVE_HEALTHY")
    assert rows("SELECT count(*) AS n FROM project_component") == [{"n": 0}]
    assert rows("SELECT type FROM project_condition WHERE type = 'AuthReady'") == []


def test_pause_and_restore(owner, cluster):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    cluster.activate(ref)
    owner.await_word(ref, "ACTIVE_HEALTHY")

    answer = owner.client.post(f"/platform/projects/{ref}/pause")
    assert (answer.status_code, answer.content) == (201, b"")
    assert owner.word(ref) == "PAUSING"
    eventually(lambda: cluster.project(ref)["spec"]["paused"])
    assert owner.word(ref) == "PAUSING"
    cluster.report(ref, Ready="False/Paused", Paused="True/Requested")
    owner.await_word(ref, "INACTIVE")

    answer = owner.client.post(f"/platform/projects/{ref}/restore")
    assert answer.status_code == 201
    assert answer.json()["status"] == "RESTORING"
    eventually(lambda: not cluster.project(ref)["spec"]["paused"])
    assert owner.word(ref) == "RESTORING"
    cluster.activate(ref)
    owner.await_word(ref, "ACTIVE_HEALTHY")


def test_a_region_is_a_place(owner, cluster):
    ref = owner.create(db_region="Jupiter")
    spec = eventually(lambda: cluster.project(ref))["spec"]
    assert spec["placement"]["nodeSelector"] == {"topology.kubernetes.io/region": "jupiter-1"}
    assert spec["database"]["managed"]["storage"]["className"] == "fast"
    assert spec["storage"]["file"]["className"] == "fast"
    detail = owner.client.get(f"/platform/projects/{ref}").json()
    assert detail["region"] == "jupiter-1"


def test_a_wizard_in_which_nobody_chose_anything(owner, cluster):
    schemas = ["public", "graphql_public"]
    ref = owner.create(
        data_api_exposed_schemas=schemas,
        data_api_use_api_schema=False,
        high_availability=False,
        db_sql="",
    )
    assert eventually(lambda: cluster.project(ref))["spec"]["rest"]["schemas"] == schemas


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        ({"db_region": "Pluto"}, "Pluto"),
        ({"name": ""}, "name"),
        ({"name": "x" * 257}, "name"),
        ({"name": "a\x07b"}, "name"),
        ({"high_availability": True}, "high_availability"),
        ({"data_api_use_api_schema": True}, "data_api_use_api_schema"),
        ({"db_sql": "select 1"}, "db_sql"),
        ({"postgres_engine": "17-oriole"}, "postgres_engine"),
        ({"desired_instance_size": "48xlarge"}, "desired_instance_size"),
        ({"db_pass": "a\nb"}, "db_pass"),
        ({"db_pass": "'; DROP DATABASE postgres; --"}, "db_pass"),
    ],
)
def test_what_cannot_be_is_refused(owner, rows, wish, text):
    answer = owner.ask(**wish)
    assert answer.status_code == 400, answer.text
    assert text in answer.json()["message"]
    assert rows("SELECT id FROM project") == []


def test_the_clusters_refusal_reaches_the_caller(owner, rows):
    answer = owner.ask(auth_site_url="not a url")
    assert answer.status_code == 422, answer.text
    assert "spec.auth.siteURL" in answer.json()["message"]
    assert rows("SELECT id FROM project") == []


def test_the_original_products_body(owner, cluster):
    body = {
        "cloud_provider": "K8S",
        "org_id": owner.organization["id"],
        "name": "Old",
        "db_region": "MARS",
        "db_pass": "Sample-Password-2",
        "custom_supabase_internal_requests": {
            "ami": {"search_tags": {"tag:postgresVersion": "15.1"}}
        },
        "db_pricing_tier_id": "tier_free",
    }
    answer = owner.client.post("/projects", json=body)
    assert answer.status_code == 201, answer.text
    ref = answer.json()["ref"]
    live = eventually(lambda: cluster.project(ref))
    assert live["spec"]["database"]["managed"]["postgresVersion"] == 15
    body = {"project_name": "Older", "org_id": owner.organization["id"]}
    answer = owner.client.post("/platform/projects", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "Older"


def test_an_organization_that_may_not_live_there(owner, cluster, rows):
    cluster.control_plane.kubectl(
        "annotate", "--overwrite", "namespace", cluster.namespace,
        "supamanager.io/organizations=somebody-else",
    )  # fmt: skip
    answer = owner.ask()
    assert answer.status_code == 409
    assert owner.slug in answer.json()["message"]
    assert rows("SELECT id FROM project") == []
