"""Restarts and changes of size: what rolls, what is told meanwhile, and what is not done twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from operating import Cluster, OperatorProcess
from supamanager_kube import kinds, labels
from supamanager_kube.components import COMPONENTS

FIRST, SECOND = "2026-05-01T12:00:00Z", "2026-05-01T12:00:01Z"
BROKEN = "registry.invalid/none:1"


def pods(cluster: Cluster) -> dict[str, str]:
    """The uid of each component's pod."""
    found = {
        pod["metadata"]["labels"][labels.PROJECT_COMPONENT]: pod["metadata"]["uid"]
        for pod in cluster.get("pods", "-l", f"{labels.PROJECT}=demo")["items"]
        if "deletionTimestamp" not in pod["metadata"]
    }
    return {name: uid for name, uid in found.items() if name in COMPONENTS}


def replaced(before: dict[str, str], after: dict[str, str]) -> set[str]:
    assert before.keys() == after.keys() == COMPONENTS.keys()
    return {name for name in before if before[name] != after[name]}


def told(states: Iterable[dict[str, Any]], type_: str) -> list[tuple[str, str]]:
    """Status and reason of a condition through these states, each run of the same once."""
    found: list[tuple[str, str]] = []
    for state in states:
        for condition in state["status"]["conditions"]:
            if condition["type"] == type_:
                entry = (condition["status"], condition["reason"])
                if found[-1:] != [entry]:
                    found.append(entry)
    return found


def test_restarts(cluster: Cluster, operator: OperatorProcess) -> None:
    cluster.apply({})
    start = cluster.await_active()
    before = pods(cluster)

    cluster.apply({"restart": {"services": {"rest": FIRST, "database": FIRST}}})
    active = cluster.await_active()
    after = pods(cluster)
    assert replaced(before, after) == {"rest", "database"}
    states = [each for each in cluster.history(start) if "status" in each]
    observed = [each for each in states if each["status"]["observedGeneration"] == 2]
    assert told(observed, "Reconciling") == [("True", "Restarting")]
    assert told(states, "Ready") == [("True", "Active")]
    # From the first status on that knows of the change until the last pod has it.
    assert told(observed[:1], "Reconciling") == [("True", "Restarting")]

    # Once for each value: not by another operator, not by an edit, not by taking it back.
    operator.stop()
    operator.start(NAMESPACES=cluster.namespace)
    cluster.apply(
        {"restart": {"services": {"rest": FIRST, "database": FIRST}}, "deletionPolicy": "Delete"}
    )
    cluster.await_active()
    assert pods(cluster) == after
    cluster.apply({})
    cluster.await_active()
    assert pods(cluster) == after
    quiet = [each for each in cluster.history(active) if "status" in each]
    assert {reason for _, reason in told(quiet, "Reconciling")} <= {"Progressing"}

    cluster.apply({"restart": {"at": SECOND, "services": {"rest": FIRST}}})
    cluster.await_active()
    assert replaced(after, pods(cluster)) == COMPONENTS.keys()
    assert cluster.get("jobs")["items"][0]["status"]["succeeded"] == 1
    assert len(cluster.get("jobs")["items"]) == 1


def test_a_resize_goes_on_after_the_operator_died(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    start = cluster.await_active()
    before = pods(cluster)
    # A pod that never comes holds the rollout in its middle.
    cluster.apply({"size": "micro", "services": {"auth": {"image": BROKEN}}})
    cluster.await_condition("Reconciling", reason="Resizing")
    operator.kill()
    operator.start(NAMESPACES=cluster.namespace)
    resized = cluster.await_condition(
        "Reconciling",
        reason="Resizing",
        message=f"rolling out auth (ImagePullBackOff: the image {BROKEN} cannot be pulled)",
    )
    assert resized["status"] == "True"
    cluster.apply({"size": "micro"})
    cluster.await_active()
    states = [each for each in cluster.history(start) if "status" in each]
    assert told(states, "Ready") == [("True", "Active")]
    observed = [each for each in states if each["status"]["observedGeneration"] >= 2]
    assert told(observed, "Reconciling") == [("True", "Resizing")]
    assert replaced(before, pods(cluster)) == COMPONENTS.keys()
    workloads = cluster.get("deployments,statefulsets")["items"]
    assert {each["metadata"]["labels"][labels.SIZE] for each in workloads} == {"micro"}
    database = cluster.get("statefulset", "demo-database")["spec"]["template"]["spec"]
    assert database["containers"][0]["resources"]["limits"] == {"memory": "2Gi"}
    # A template of the old size and one of the new: nothing was rolled a second time.
    owned = cluster.get("replicasets", "-l", f"{labels.PROJECT_COMPONENT}=rest")["items"]
    assert len(owned) == 2


@pytest.mark.parametrize(
    ("restart", "text"),
    [
        ({"at": "now"}, "spec.restart.at"),
        ({"at": "2026-05-01T12:00:00+02:00"}, "spec.restart.at"),
        ({"at": "2026-13-41T12:00:00Z"}, "spec.restart.at"),
        ({"services": {"pooler": FIRST}}, "a key is one of database"),
        ({"services": {"rest": "soon"}}, "spec.restart.services.rest"),
    ],
)
def test_what_is_no_restart_is_refused(cluster: Cluster, restart: Any, text: str) -> None:
    with pytest.raises(Exception, match=text):
        cluster.apply({"restart": restart})
    assert cluster.find(kinds.PROJECT, "demo") is None
