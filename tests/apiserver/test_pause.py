from __future__ import annotations

from typing import Any

import pytest

from operating import Cluster, OperatorProcess, await_that


def uids(cluster: Cluster) -> dict[str, str]:
    """Volumes and Secrets by name, as objects."""
    items = cluster.get("persistentvolumeclaims,secrets")["items"]
    return {f"{i['kind']}/{i['metadata']['name']}": i["metadata"]["uid"] for i in items}


def test_pause_and_resume(cluster: Cluster, operator: OperatorProcess) -> None:
    cluster.apply({})
    cluster.await_active()
    kept = uids(cluster)
    data = {i["metadata"]["name"]: i["data"] for i in cluster.get("secrets")["items"]}
    cluster.patch({"spec": {"paused": True}})
    cluster.await_condition("Paused", status="True")
    assert cluster.get("pods")["items"] == []
    ready = cluster.condition("Ready")
    assert (ready["status"], ready["reason"]) == ("False", "Paused")
    assert cluster.condition("AuthReady")["reason"] == "Paused"
    assert cluster.project()["status"]["summary"] == "0/12"
    assert uids(cluster) == kept

    cluster.patch({"spec": {"paused": False}})
    seen: list[str] = []

    def reason() -> Any:
        seen.append(cluster.condition("Ready")["reason"])
        return seen[-1]

    await_that(reason, lambda found: found == "Active", what="the project to be Active")
    assert set(seen) <= {"Paused", "Starting", "Active"}
    assert "Starting" in seen
    cluster.await_active()
    assert uids(cluster) == kept
    assert {i["metadata"]["name"]: i["data"] for i in cluster.get("secrets")["items"]} == data


def test_a_project_may_be_paused_from_the_start(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({"paused": True})
    cluster.await_condition("Paused", status="True")
    assert cluster.get("pods")["items"] == []
    assert cluster.condition("Initialized")["status"] == "False"
    cluster.patch({"spec": {"paused": False}})
    cluster.await_active()


def test_a_pause_in_the_middle_of_the_first_start(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({"services": {"studio": {"image": "registry.invalid/slow:1"}}})
    cluster.await_condition("DatabaseReady", status="True")
    cluster.patch({"spec": {"paused": True}})
    cluster.await_condition("Paused", status="True")
    assert cluster.get("pods")["items"] == []
    cluster.patch({"spec": {"paused": False}})
    cluster.await_active()


def test_every_pause_is_told(cluster: Cluster, operator: OperatorProcess) -> None:
    cluster.apply({})
    cluster.await_active()

    def told() -> list[str]:
        events = cluster.get("events", "--field-selector=involvedObject.kind=SupabaseProject")
        return [event["reason"] for event in events["items"]]

    for number in (1, 2):
        cluster.patch({"spec": {"paused": True}})
        cluster.await_condition("Paused", status="True")
        assert told().count("Paused") == number
        cluster.patch({"spec": {"paused": False}})
        cluster.await_active()
        assert told().count("Active") == number + 1


@pytest.mark.parametrize("cause", ["UnknownVersion", "SecretMissing"])
def test_a_project_that_is_stuck_can_be_paused(
    cluster: Cluster, operator: OperatorProcess, cause: str
) -> None:
    """Nothing of it can be rendered; what runs ends all the same."""
    cluster.apply({})
    cluster.await_active()
    kept = cluster.get("secret", "demo-keys")
    if cause == "SecretMissing":
        cluster.kubectl("delete", "secret", "demo-keys")
    cluster.patch({"spec": {"version": "1999.01" if cause == "UnknownVersion" else None}})
    cluster.patch({"spec": {"paused": True}})
    cluster.await_condition("Stalled", reason=cause)
    cluster.await_condition("Paused", status="True")
    assert cluster.get("pods")["items"] == []
    ready = cluster.condition("Ready")
    assert (ready["reason"], ready["message"]) == ("Paused", "all services are scaled to zero")
    assert cluster.condition("DatabaseReady")["reason"] == "Paused"
    for name in ("resourceVersion", "uid", "ownerReferences"):
        kept["metadata"].pop(name, None)
    if cause == "SecretMissing":
        cluster.control_plane.apply([kept])
    cluster.patch({"spec": {"version": None, "paused": False}})
    cluster.await_active()
    assert cluster.condition("Stalled") == {}
