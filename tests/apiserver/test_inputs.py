from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from operating import Cluster, OperatorProcess, await_that
from supamanager_kube import kinds


def test_inputs_arrive_after_the_resource(cluster: Cluster, operator: OperatorProcess) -> None:
    cluster.apply({"inputsRevision": 1})
    stalled = cluster.await_condition("Stalled", reason="SecretMissing")
    assert stalled["message"] == "inputsRevision is 1, but Secret demo-inputs is missing"
    assert cluster.get("secrets")["items"] == []
    assert cluster.condition("Ready")["reason"] == "Provisioning"
    assert cluster.condition("SecretsReady")["reason"] == "Missing"

    cluster.kubectl(
        "create", "secret", "generic", "demo-inputs", "--from-literal=database-password=p@ss word"
    )
    cluster.patch({"spec": {"inputsRevision": 2}})
    cluster.await_active()
    stored = cluster.get("secret", "demo-database")["data"]
    assert base64.b64decode(stored["password"]).decode() == "p@ss word"
    assert base64.b64decode(stored["password-urlencoded"]).decode() == "p%40ss%20word"

    cluster.patch(
        {"data": {"database-password": base64.b64encode(b"other").decode()}},
        kind="secret",
        name="demo-inputs",
    )
    cluster.patch({"spec": {"inputsRevision": 3}})
    cluster.await_active()
    assert cluster.get("secret", "demo-database")["data"] == stored


def test_a_missing_secret_with_data_behind_it_is_not_made_again(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    cluster.await_active()
    kept = cluster.get("secret", "demo-database")
    cluster.kubectl("delete", "secret", "demo-database")
    cluster.patch({"spec": {"displayName": "touched"}})
    stalled = cluster.await_condition("Stalled", reason="SecretMissing")
    assert "demo-database" in stalled["message"]
    assert cluster.find(kinds.SECRET, "demo-database") is None
    assert cluster.condition("Ready")["status"] == "True"
    for field in ("uid", "resourceVersion", "creationTimestamp", "managedFields"):
        kept["metadata"].pop(field, None)
    cluster.control_plane.apply([kept])
    cluster.patch({"spec": {"displayName": "restored"}})
    await_that(lambda: cluster.condition("Stalled"), lambda c: not c, what="Stalled to be gone")


@pytest.mark.parametrize("suffix", ["keys", "database", "inputs"])
def test_a_secret_with_another_owner_is_neither_taken_nor_deleted(
    cluster: Cluster, operator: OperatorProcess, suffix: str
) -> None:
    cluster.kubectl("create", "configmap", "shop")
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "shop", "controller": True}
    owner["uid"] = cluster.get("configmap", "shop")["metadata"]["uid"]
    metadata = {"name": f"demo-{suffix}", "labels": {"app": "shop"}, "ownerReferences": [owner]}
    cluster.control_plane.apply(
        [
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {**metadata, "namespace": cluster.namespace},
                "stringData": {"password": "the shop's own", "database-password": "as well"},
            }
        ]
    )
    before = cluster.get("secret", f"demo-{suffix}")
    cluster.apply({"deletionPolicy": "Delete", "inputsRevision": 1 if suffix == "inputs" else 0})
    stalled = cluster.await_condition("Stalled", reason="NameConflict")
    assert stalled["message"] == f"Secret demo-{suffix} exists and does not belong to this project"
    assert [s["metadata"]["name"] for s in cluster.get("secrets")["items"]] == [f"demo-{suffix}"]
    cluster.kubectl("delete", "sbp", "demo", "--timeout=60s")
    assert cluster.get("secret", f"demo-{suffix}") == before


def test_inputs_of_somebody_else_are_not_read_by_a_project_without_inputs(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.kubectl(
        *("create", "secret", "generic", "demo-inputs", "--from-literal=database-password=other")
    )
    cluster.kubectl("label", "secret", "demo-inputs", "supamanager.io/project=shop")
    cluster.apply({})
    cluster.await_active()
    stored = cluster.get("secret", "demo-database")["data"]
    assert base64.b64decode(stored["password"]) != b"other"


def test_a_failed_init_job_is_told_without_secrets(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    password = "p@ss word/1"
    cluster.kubectl(
        "create", "secret", "generic", "demo-inputs", f"--from-literal=database-password={password}"
    )
    broken = {"database": {"image": "registry.invalid/fail:1"}}
    cluster.apply({"inputsRevision": 1, "services": broken})
    stalled = cluster.await_condition("Stalled", reason="InitFailed", timeout=90)
    assert stalled["message"] == "the init Job failed: the program ended with an error"
    assert cluster.condition("Ready")["status"] == "False"
    stored = cluster.get("secret", "demo-database")["data"]
    forms = [base64.b64decode(stored[key]).decode() for key in ("password", "password-urlencoded")]
    assert forms == [password, quote(password, safe="")]

    said = "login as postgres/{} at postgresql://postgres:{}@demo-database:5432 failed"
    cluster.ends("init", message=said.format(*forms))
    cluster.patch({"spec": {"displayName": "touched"}})
    told = f"the init Job failed: {said.format('[redacted]', '[redacted]')}"
    cluster.await_condition("Stalled", message=told)
    await_that(
        lambda: cluster.get("events", "--field-selector=reason=InitFailed")["items"],
        lambda events: told in [event["message"] for event in events],
        what="the Event",
    )
    shown = cluster.kubectl("get", "sbp,events", "-o", "json") + operator.log
    assert not [form for form in forms if form in shown]

    def jobs() -> set[str]:
        return {job["metadata"]["uid"] for job in cluster.get("jobs")["items"]}

    failed = jobs()
    cluster.kubectl("delete", "jobs", "-l", "supamanager.io/component=init")
    await_that(jobs, lambda found: bool(found - failed), what="another init Job")
