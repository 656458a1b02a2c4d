"""Each state of a project that GitOps tools tell apart, made by a running operator.

The resources are compared with those in recorded/, which are what documents and the test of Argo
CD's script look at. `SUPAMANAGER_RECORD=1` writes them anew.
"""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

import recording
from operating import Cluster, OperatorProcess, await_that
from supamanager_dev import flux, gitops_table
from supamanager_kube import kinds

BROKEN = "registry.invalid/none:1"
HELD = "held"
STATES = {state.name: state for state in gitops_table.states()}

Resources = dict[str, dict[str, Any]]


class Course:
    """Takes a project through its states, and keeps what it was in each."""

    def __init__(self, cluster: Cluster, operator: OperatorProcess) -> None:
        self.cluster = cluster
        self.operator = operator
        self.kept: Resources = {}

    def keep(self, state: str, name: str = "demo") -> None:
        self.kept[state] = self.cluster.project(name)

    def start_operator(self) -> None:
        self.operator.start(NAMESPACES=self.cluster.namespace, DEGRADED_SECONDS="1")

    def image(self, component: str, image: str | None) -> None:
        services = None if image is None else {component: {"image": image}}
        self.cluster.patch({"spec": {"services": services}})

    def pod(self, component: str) -> dict[str, Any]:
        selector = f"supamanager.io/component={component}"
        pods = self.cluster.get("pods", "-l", selector)["items"]
        [pod] = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        return dict(pod)

    def break_pod(self, component: str) -> None:
        """As when its container does not answer any more."""
        name, status = (pod := self.pod(component))["metadata"]["name"], pod["status"]
        for container in status["containerStatuses"]:
            container["ready"] = False
        for condition in status["conditions"]:
            if condition["type"] in ("Ready", "ContainersReady"):
                condition["status"] = "False"
        self.cluster.kubectl(
            *("patch", "pod", name, "--subresource=status", "--type=merge"),
            *("-p", json.dumps({"status": status})),
        )

    def hold(self) -> None:
        """A pod of the project that does not end."""
        labels = {"supamanager.io/project": "demo", "supamanager.io/component": "auth"}
        metadata = {"name": HELD, "namespace": self.cluster.namespace, "labels": labels}
        containers = [{"name": "x", "image": "example.com/x:1"}]
        self.cluster.control_plane.apply(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {**metadata, "finalizers": ["example.com/hold"]},
                "spec": {"containers": containers},
            }
        )
        self.cluster.kubectl("delete", "pod", HELD, "--wait=false")

    def release(self) -> None:
        self.cluster.patch({"metadata": {"finalizers": None}}, kind="pod", name=HELD)


@pytest.fixture(scope="module")
def resources() -> Resources:
    """Filled by the first test, for the others."""
    return {}


def test_every_state_is_as_it_was_recorded(
    cluster: Cluster, operator: OperatorProcess, resources: Resources
) -> None:
    course = Course(cluster, operator)
    cluster.apply({})
    course.image("gateway", BROKEN)
    course.keep("new")
    course.start_operator()
    cluster.await_condition("GatewayReady", reason="ImagePullBackOff")
    await_that(
        lambda: cluster.project()["status"],
        lambda status: status["summary"] == "11/12",
        what="the other services to be ready",
    )
    cluster.await_condition("Ready", reason="Starting")
    course.keep("starting")

    course.image("gateway", None)
    cluster.await_active()
    course.keep("active")

    course.image("rest", BROKEN)
    await_that(
        lambda: cluster.condition("Reconciling").get("message", ""),
        lambda message: "ImagePullBackOff" in message,
        what="the change to be stuck",
    )
    course.keep("changing")
    course.image("rest", None)
    cluster.await_active()

    course.break_pod("rest")
    cluster.await_condition("Ready", reason="Degraded")
    course.keep("degraded")
    cluster.kubectl("delete", "pod", course.pod("rest")["metadata"]["name"])
    cluster.await_active()

    cluster.patch({"spec": {"version": "1999.01"}})
    cluster.await_condition("Stalled", status="True")
    course.keep("stalled")
    cluster.patch({"spec": {"version": None}})
    cluster.await_active()

    operator.stop()
    cluster.patch({"spec": {"displayName": "Another"}})
    course.keep("edited")
    course.start_operator()
    cluster.await_active()

    cluster.kubectl("annotate", "sbp", "demo", "supamanager.io/reconcile=disabled")
    cluster.patch({"spec": {"displayName": "A third"}})
    cluster.await_condition("Reconciling", reason="ReconcileDisabled")
    course.keep("stopped")
    cluster.kubectl("annotate", "sbp", "demo", "supamanager.io/reconcile-")
    cluster.await_active()

    course.hold()
    cluster.patch({"spec": {"paused": True}})
    await_that(
        lambda: cluster.project()["status"],
        lambda status: not any(each["readyReplicas"] for each in status["components"]),
        what="the workloads to be at 0",
    )
    cluster.await_condition("Reconciling", reason="Pausing")
    course.keep("pausing")
    course.release()
    cluster.await_condition("Paused", status="True")
    course.keep("paused")

    course.hold()
    cluster.kubectl("delete", "sbp", "demo", "--wait=false")
    cluster.await_condition("Ready", reason="Deleting", message="waiting for auth to end")
    course.keep("deleting")
    course.release()
    await_that(
        lambda: cluster.find(kinds.PROJECT, "demo"),
        lambda found: found is None,
        what="the project to be gone",
    )

    cluster.apply({"version": "1999.01"}, name="wrong")
    cluster.await_condition("Stalled", name="wrong", status="True")
    course.keep("impossible", "wrong")

    resources.update(course.kept)
    assert set(resources) == set(STATES)
    found = {name: recording.normal(resource) for name, resource in resources.items()}
    if os.environ.get("SUPAMANAGER_RECORD"):
        for name, resource in found.items():
            STATES[name].file.write_text(yaml.safe_dump(resource, sort_keys=False, width=100))
    assert found == {name: state.resource for name, state in STATES.items()}


@pytest.fixture
def expressions() -> dict[str, str]:
    """Those of the example."""
    path = gitops_table.DOCS / "gitops" / "flux" / "kustomization.yaml"
    [given] = yaml.safe_load(path.read_text())["spec"]["healthCheckExprs"]
    return {name: given[name] for name in ("current", "inProgress", "failed")}


def test_flux_tells_the_states(
    resources: Resources, expressions: dict[str, str], flux_programs: Path
) -> None:
    """What is live and what was recorded, by Flux's own libraries."""
    assert set(resources) == set(STATES), "the first test has not made them"
    for kept in (resources, {name: state.resource for name, state in STATES.items()}):
        verdicts = flux.verdicts(flux_programs, expressions, list(kept.values()))
        told = {
            name: (verdict.kstatus, verdict.expressions)
            for name, verdict in zip(kept, verdicts, strict=True)
        }
        assert told == {name: (state.kstatus, state.flux) for name, state in STATES.items()}


def test_every_expression_is_needed(expressions: dict[str, str], flux_programs: Path) -> None:
    recorded = [state.resource for state in STATES.values()]
    whole = flux.verdicts(flux_programs, expressions, recorded)
    for name in ("inProgress", "failed"):
        fewer = {key: text for key, text in expressions.items() if key != name}
        assert flux.verdicts(flux_programs, fewer, recorded) != whole


def test_without_the_default_of_the_status_a_new_project_would_count_as_made(
    flux_programs: Path,
) -> None:
    new = copy.deepcopy(STATES["new"].resource)
    assert new.pop("status") == {"observedGeneration": -1}
    [verdict] = flux.verdicts(flux_programs, {"current": "true"}, [new])
    assert verdict.kstatus == "Current"
