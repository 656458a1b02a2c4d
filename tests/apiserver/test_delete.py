from __future__ import annotations

from typing import TYPE_CHECKING

from operating import Cluster, OperatorProcess, await_that

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane

CHILDREN = "deployments,statefulsets,jobs,services,configmaps,networkpolicies,serviceaccounts,pods"


def gone(cluster: Cluster) -> None:
    """The resource and everything that runs is gone."""
    cluster.kubectl("wait", "--for=delete", "sbp/demo", "--timeout=60s")
    await_that(
        lambda: [
            f"{item['kind']}/{item['metadata']['name']}"
            for item in cluster.get(CHILDREN, "-l", "supamanager.io/project=demo")["items"]
        ],
        lambda left: not left,
        what="the children to be collected",
    )


def test_retained_data_is_taken_back(cluster: Cluster, operator: OperatorProcess) -> None:
    cluster.kubectl(
        "create", "secret", "generic", "demo-inputs", "--from-literal=database-password=typed"
    )
    spec = {"inputsRevision": 1}
    cluster.apply(spec)
    first = cluster.await_active()
    volumes = {i["metadata"]["name"]: i["metadata"]["uid"] for i in cluster.get("pvc")["items"]}
    keys = cluster.get("secret", "demo-keys")
    cluster.kubectl("delete", "sbp", "demo")
    gone(cluster)

    retained = cluster.get("pvc,secrets", "-l", "supamanager.io/retained-from")["items"]
    assert {i["metadata"]["name"] for i in retained} >= {
        *volumes,
        "demo-keys",
        "demo-database",
        "demo-inputs",
    }
    assert {i["metadata"]["labels"]["supamanager.io/retained-from"] for i in retained} == {
        first["metadata"]["uid"]
    }

    cluster.apply(spec)
    second = cluster.await_active()
    assert second["metadata"]["uid"] != first["metadata"]["uid"]
    assert {i["metadata"]["name"]: i["metadata"]["uid"] for i in cluster.get("pvc")["items"]} == (
        volumes
    )
    again = cluster.get("secret", "demo-keys")
    assert again["metadata"]["uid"] == keys["metadata"]["uid"]
    assert again["data"] == keys["data"]
    assert cluster.get("pvc,secrets", "-l", "supamanager.io/retained-from")["items"] == []


def test_the_policy_is_read_at_the_deletion(cluster: Cluster, operator: OperatorProcess) -> None:
    cluster.apply({"deletionPolicy": "Retain"})
    cluster.await_active()
    cluster.patch({"spec": {"deletionPolicy": "Delete"}})
    cluster.kubectl("delete", "sbp", "demo")
    gone(cluster)
    await_that(
        lambda: [i["metadata"]["name"] for i in cluster.get("pvc,secrets")["items"]],
        lambda left: not left,
        what="volumes and Secrets to be gone",
    )


def test_what_people_made_outlives_the_project(cluster: Cluster, operator: OperatorProcess) -> None:
    mine = "mine-in-this-test-and-long-enough"
    cluster.kubectl("create", "secret", "generic", "demo-keys", f"--from-literal=jwt-secret={mine}")
    cluster.kubectl("create", "secret", "generic", "demo-database", "--from-literal=password=p")
    cluster.kubectl("create", "secret", "generic", "demo-inputs", "--from-literal=note=unrelated")
    cluster.kubectl("label", "secret", "demo-keys", "app=shop")
    before = {s["metadata"]["name"]: s for s in cluster.get("secrets")["items"]}
    cluster.apply({"deletionPolicy": "Delete"})
    cluster.await_active()
    cluster.patch({"spec": {"displayName": "reconciled again"}})
    cluster.await_active()
    keys = cluster.get("secret", "demo-keys")
    assert keys["metadata"]["labels"]["supamanager.io/project"] == "demo"
    assert keys["data"].keys() > before["demo-keys"]["data"].keys()

    cluster.kubectl("delete", "sbp", "demo")
    gone(cluster)
    after = {s["metadata"]["name"]: s for s in cluster.get("secrets")["items"]}
    assert after.keys() == before.keys()
    for name, secret in after.items():
        assert secret["metadata"]["uid"] == before[name]["metadata"]["uid"]
        assert secret["metadata"].get("labels", {}) == before[name]["metadata"].get("labels", {})
        assert secret["metadata"].get("annotations", {}) == {}
        assert secret["data"].items() >= before[name]["data"].items()
    assert after["demo-inputs"] == before["demo-inputs"]
    await_that(lambda: cluster.get("pvc")["items"], lambda left: not left, what="no volume")

    cluster.apply({"deletionPolicy": "Delete"})
    cluster.await_active()
    assert cluster.get("secret", "demo-keys")["data"] == after["demo-keys"]["data"]


def test_inputs_that_the_project_names_go_with_it(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.kubectl(
        "create", "secret", "generic", "demo-inputs", "--from-literal=database-password=typed"
    )
    cluster.apply({"deletionPolicy": "Delete", "inputsRevision": 1})
    cluster.await_active()
    cluster.kubectl("delete", "sbp", "demo")
    gone(cluster)
    assert cluster.get("secrets")["items"] == []


def test_delete_while_it_is_created(cluster: Cluster, operator: OperatorProcess) -> None:
    cluster.apply({"deletionPolicy": "Delete"})
    cluster.await_condition("Ready", reason="Provisioning")
    cluster.kubectl("delete", "sbp", "demo")
    gone(cluster)


def test_another_release_than_the_recorded_one_does_not_start(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({"version": "2020.01"})
    stalled = cluster.await_condition("Stalled", reason="UnknownVersion")
    assert "2020.01" in stalled["message"]
    assert cluster.condition("Ready")["reason"] == "InvalidConfiguration"
    assert cluster.get("statefulsets,secrets")["items"] == []
    cluster.kubectl("delete", "sbp", "demo")
    gone(cluster)


def test_the_namespace_can_be_deleted(
    control_plane: ControlPlane, cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    cluster.await_active()
    control_plane.kubectl("delete", "namespace", cluster.namespace, "--timeout=60s")
    assert control_plane.kubectl("get", "namespace", cluster.namespace, "--ignore-not-found") == ""


def test_a_blocked_cleanup_is_told_and_can_be_forced(
    cluster: Cluster, stopped_operator: OperatorProcess
) -> None:
    stopped_operator.start(NAMESPACES=cluster.namespace, CLEANUP_SECONDS="2")
    cluster.apply({})
    cluster.await_active()
    held = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "held",
            "namespace": cluster.namespace,
            "labels": {"supamanager.io/project": "demo", "supamanager.io/component": "auth"},
            "finalizers": ["example.com/hold"],
        },
        "spec": {"containers": [{"name": "x", "image": "example.com/x:1"}]},
    }
    cluster.control_plane.apply([held])
    cluster.kubectl("delete", "sbp", "demo", "--wait=false")
    stalled = cluster.await_condition("Stalled", reason="CleanupBlocked")
    assert stalled["message"] == "waiting for auth to end"
    assert cluster.condition("Ready")["reason"] == "Deleting"
    events = cluster.get("events", "--field-selector=reason=CleanupBlocked")["items"]
    assert [event["type"] for event in events] == ["Warning"]
    cluster.kubectl("annotate", "sbp", "demo", "supamanager.io/force-delete=true")
    cluster.kubectl("wait", "--for=delete", "sbp/demo", "--timeout=30s")
    assert cluster.get("pvc", "-l", "supamanager.io/retained-from")["items"] != []
    cluster.patch({"metadata": {"finalizers": None}}, kind="pod", name="held")
