"""What is told of a project's services is what the operator reported."""

from __future__ import annotations

import pytest

from asking import eventually

ALL = ["auth", "db", "db_postgres_user", "pooler", "realtime", "rest", "storage", "pg_bouncer"]
ASKED = ["auth", "realtime", "rest", "storage", "db"]


@pytest.fixture
def ref(owner, cluster) -> str:
    made = owner.create()
    eventually(lambda: cluster.project(made))
    return made


def health(owner, ref: str, query: str = f"services={','.join(ASKED)}") -> dict[str, dict]:
    answer = owner.client.get(f"/v1/projects/{ref}/health?{query}")
    assert answer.status_code == 200, answer.text
    return {each["name"]: each for each in answer.json()}


def test_health(owner, cluster, ref):
    told = health(owner, ref)
    assert list(told) == ASKED
    assert {each["status"] for each in told.values()} == {"COMING_UP"}
    assert not any(each["healthy"] for each in told.values())
    assert list(health(owner, ref, "services=db&services=rest%2Cdb")) == ["db", "rest"]
    assert list(health(owner, ref, "")) == ALL
    bad = owner.client.get(f"/v1/projects/{ref}/health?services=auth,nothing")
    assert bad.status_code == 400
    assert "nothing" in bad.json()["message"]

    available = {
        f"{name}Ready": "True/Available"
        for name in ("Database", "Auth", "Rest", "Realtime", "Storage")
    }
    cluster.report(
        ref,
        Ready="True/Active",
        components=[
            {"name": "auth", "replicas": 1, "readyReplicas": 1, "version": "v2.196.0"},
            {"name": "rest", "replicas": 1, "readyReplicas": 1, "version": "v14.12"},
            {"name": "database", "replicas": 1, "readyReplicas": 1, "version": "17.6.1.084"},
        ],
        **available,
    )
    eventually(lambda: all(each["healthy"] for each in health(owner, ref).values()))
    told = health(owner, ref, "")
    assert told["db"]["status"] == told["db_postgres_user"]["status"] == "ACTIVE_HEALTHY"
    assert told["auth"]["info"]["version"] == "v2.196.0"
    assert told["rest"]["info"] == {"db_schema": "public,storage,graphql_public"}
    assert told["pooler"]["status"] == told["pg_bouncer"]["status"] == "UNHEALTHY"
    versions = owner.client.get(f"/platform/projects/{ref}/service-versions").json()
    assert versions == {
        "supabase-postgres": "17.6.1.084",
        "gotrue": "v2.196.0",
        "postgrest": "v14.12",
    }

    down = {**available, "RealtimeReady": "False/CrashLoopBackOff"}
    cluster.report(ref, Ready="False/Degraded", **down)
    eventually(lambda: health(owner, ref)["realtime"]["status"] == "UNHEALTHY")
    told = health(owner, ref)
    assert told["realtime"]["error"] == "RealtimeReady is so"
    assert told["rest"]["healthy"] is True


def test_a_service_that_is_off(owner, cluster, ref):
    path = f"/platform/projects/{ref}/config/postgrest"
    assert owner.client.patch(path, json={"db_schema": ""}).status_code == 200
    eventually(lambda: cluster.project(ref)["spec"].get("services"))
    cluster.report(ref, Ready="True/Active", RestReady="False/Disabled")
    eventually(lambda: health(owner, ref)["rest"]["status"] == "UNHEALTHY")
    assert health(owner, ref)["rest"]["info"] == {"db_schema": ""}


def test_the_size_as_an_addon(owner, cluster, ref):
    path = f"/platform/projects/{ref}/billing/addons"
    told = owner.client.get(path).json()
    assert [each["variant"]["identifier"] for each in told["selected_addons"]] == ["ci_small"]
    offered = told["available_addons"][0]["variants"]
    assert {each["price"] for each in offered} == {0}
    body = {"addon_type": "compute_instance", "addon_variant": "ci_large"}
    assert owner.client.post(path, json=body).status_code == 201
    told = owner.client.get(path).json()
    assert told["selected_addons"][0]["variant"]["identifier"] == "ci_large"
    eventually(lambda: cluster.project(ref)["spec"]["size"] == "large")


def test_upgrades(owner, cluster, ref):
    path = f"/v1/projects/{ref}/upgrade"
    early = owner.client.get(f"{path}/eligibility").json()
    assert (early["eligible"], early["current_app_version"]) == (False, "")
    assert early["validation_errors"] == early["target_upgrade_versions"] == []
    assert owner.client.get(f"{path}/status").json() == {"databaseUpgradeStatus": None}
    cluster.report(ref, Ready="True/Active", Reconciling="True/Upgrading")
    owner.await_word(ref, "UPGRADING")
    told = owner.client.get(f"{path}/status").json()["databaseUpgradeStatus"]
    assert told["status"] == 0
    assert told["initiated_at"]


def test_an_exchange_of_the_secret(owner, cluster, ref):
    path = f"/platform/projects/{ref}/config/secrets/update-status"
    older = [
        f"/{name}/{ref}/jwt-secret-update-status"
        for name in ("projects", "project", "props/project", "platform/props/project")
    ]
    assert owner.client.get(path).json() == {"update_status": None}
    for each in older:
        assert owner.client.get(each).json() == {"jwtSecretUpdateStatus": {"meta": None}}
    cluster.report(ref, Ready="True/Active", Reconciling="True/Rotating")
    eventually(lambda: owner.client.get(path).json()["update_status"])
    for each in older:
        assert owner.client.get(each).json()["jwtSecretUpdateStatus"]["meta"]["status"] == 0
