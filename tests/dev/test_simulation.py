"""What KWOK makes of pods and volumes: what the tests of the product build on."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest

from supamanager_dev.controlplane import ControlPlane
from supamanager_kube import labels


def test_a_deployment_and_a_stateful_set_with_a_volume_become_ready(
    control_plane: ControlPlane, namespace: str
):
    volume = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    control_plane.apply(
        [
            workload("Deployment", "web", "example/any:1"),
            claim("data", "1Gi"),
            workload("StatefulSet", "store", "example/any:1", volumes=volume),
        ],
        namespace=namespace,
    )
    await_field(control_plane, namespace, "deployment/web", ["status", "availableReplicas"], 1)
    await_field(control_plane, namespace, "statefulset/store", ["status", "readyReplicas"], 1)
    bound = control_plane.get("pvc", "data", "-n", namespace)
    assert bound["status"]["phase"] == "Bound"
    assert bound["status"]["capacity"] == {"storage": "1Gi"}
    pod = the_pod(control_plane, namespace, "web")
    assert pod["status"]["phase"] == "Running"
    assert pod["status"]["podIP"]
    assert conditions(pod) == {
        "PodScheduled": "True",
        "PodReadyToStartContainers": "True",
        "Initialized": "True",
        "ContainersReady": "True",
        "Ready": "True",
    }


def test_a_volume_grows_and_goes_with_its_claim(control_plane: ControlPlane, namespace: str):
    control_plane.apply(claim("data", "1Gi"), namespace=namespace)
    await_field(control_plane, namespace, "pvc/data", ["status", "phase"], "Bound")
    control_plane.apply(claim("data", "3Gi"), namespace=namespace)
    await_field(control_plane, namespace, "pvc/data", ["status", "capacity", "storage"], "3Gi")
    name = control_plane.get("pvc", "data", "-n", namespace)["spec"]["volumeName"]
    assert control_plane.get("pv", name)["spec"]["capacity"] == {"storage": "3Gi"}
    control_plane.kubectl("delete", "pvc", "data", "-n", namespace)
    await_true(lambda: not control_plane.api.exists(f"/api/v1/persistentvolumes/{name}"))


def test_a_namespace_that_no_operator_works_in_ends(control_plane: ControlPlane):
    name = f"left-{secrets.token_hex(4)}"
    control_plane.create_namespace(name)
    metadata = {"name": "shop", "namespace": name, "finalizers": [labels.FINALIZER]}
    project = {"apiVersion": labels.API_VERSION, "kind": labels.KIND, "metadata": metadata}
    control_plane.apply(project)
    control_plane.remove_namespace(name)
    control_plane.remove_namespace(name)
    control_plane.create_namespace(name)
    assert control_plane.get("sbp", "-n", name)["items"] == [], "another one of the same name"
    control_plane.remove_namespace(name)
    await_true(lambda: not control_plane.api.exists(f"/api/v1/namespaces/{name}"))


def test_a_job_completes(control_plane: ControlPlane, namespace: str):
    control_plane.apply(job("work", "example/any:1"), namespace=namespace)
    await_field(control_plane, namespace, "job/work", ["status", "succeeded"], 1)
    status = the_pod(control_plane, namespace, "work")["status"]
    assert status["phase"] == "Succeeded"
    assert status["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 0


def test_the_image_fail_fails_a_job_with_a_message(control_plane: ControlPlane, namespace: str):
    control_plane.apply(job("work", "registry.invalid/fail:1"), namespace=namespace)
    await_field(control_plane, namespace, "job/work", ["status", "failed"], 1)
    status = the_pod(control_plane, namespace, "work")["status"]
    assert status["phase"] == "Failed"
    ending = status["containerStatuses"][0]["state"]["terminated"]
    assert ending["exitCode"] == 1
    assert ending["reason"] == "Error"
    assert ending["message"]


@pytest.mark.parametrize(
    ("image", "phase", "waiting", "last_reason", "restarts"),
    [
        ("registry.invalid/none:1", "Pending", "ImagePullBackOff", None, 0),
        ("registry.invalid/crash:1", "Running", "CrashLoopBackOff", "Error", 3),
        ("registry.invalid/oom:1", "Running", "CrashLoopBackOff", "OOMKilled", 3),
        ("registry.invalid/unready:1", "Running", None, None, 0),
    ],
)
def test_an_image_chooses_how_a_pod_fails(
    control_plane: ControlPlane,
    namespace: str,
    *,
    image: str,
    phase: str,
    waiting: str | None,
    last_reason: str | None,
    restarts: int,
):
    control_plane.apply(
        workload("Deployment", "web", image, beside="example/any:1"), namespace=namespace
    )
    await_true(
        lambda: "containerStatuses" in the_pod(control_plane, namespace, "web").get("status", {})
    )
    pod = the_pod(control_plane, namespace, "web")
    broken, healthy = pod["status"]["containerStatuses"]
    assert pod["status"]["phase"] == phase
    assert broken["ready"] is False
    assert broken["restartCount"] == restarts
    assert broken["state"].get("waiting", {}).get("reason") == waiting
    assert broken.get("lastState", {}).get("terminated", {}).get("reason") == last_reason
    assert healthy["ready"] is True
    assert conditions(pod)["Ready"] == conditions(pod)["ContainersReady"] == "False"
    assert conditions(pod)["Initialized"] == "True"


def test_the_image_slow_is_ready_after_some_seconds(control_plane: ControlPlane, namespace: str):
    begun = time.monotonic()
    control_plane.apply(
        workload("Deployment", "web", "registry.invalid/slow:1"), namespace=namespace
    )
    await_true(lambda: conditions(the_pod(control_plane, namespace, "web")).get("Ready") == "False")
    await_field(control_plane, namespace, "deployment/web", ["status", "readyReplicas"], 1)
    assert 7 < time.monotonic() - begun < 25


def test_a_pod_that_was_called_unready_from_outside_is_ready_again(
    control_plane: ControlPlane, namespace: str
):
    control_plane.apply(workload("Deployment", "web", "example/any:1"), namespace=namespace)
    await_field(control_plane, namespace, "deployment/web", ["status", "readyReplicas"], 1)
    name = the_pod(control_plane, namespace, "web")["metadata"]["name"]
    late = {"type": "Ready", "status": "False", "reason": "NodeNotReady"}
    patch = json.dumps({"status": {"conditions": [late]}})
    control_plane.kubectl(
        *("patch", "pod", name, "-n", namespace, "--subresource", "status", "-p", patch)
    )
    await_true(lambda: conditions(the_pod(control_plane, namespace, "web"))["Ready"] == "True")
    ready = the_pod(control_plane, namespace, "web")["status"]["conditions"]
    assert all("reason" not in condition for condition in ready)


def test_a_changed_image_replaces_a_failing_pod(control_plane: ControlPlane, namespace: str):
    control_plane.apply(
        workload("Deployment", "web", "registry.invalid/none:1"), namespace=namespace
    )
    await_true(lambda: conditions(the_pod(control_plane, namespace, "web")).get("Ready") == "False")
    control_plane.apply(workload("Deployment", "web", "example/any:1"), namespace=namespace)
    await_field(control_plane, namespace, "deployment/web", ["status", "readyReplicas"], 1)


def workload(
    kind: str, name: str, image: str, *, beside: str | None = None, **pod: Any
) -> dict[str, Any]:
    containers = [{"name": "main", "image": image}]
    if beside is not None:
        containers.append({"name": "beside", "image": beside})
    # An init container's image does not matter, whatever it is called.
    setup = [{"name": "setup", "image": "registry.invalid/none:1"}]
    spec: dict[str, Any] = {
        "selector": {"matchLabels": {"app": name}},
        "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"initContainers": setup, "containers": containers, **pod},
        },
    }
    if kind == "StatefulSet":
        spec["serviceName"] = name
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def job(name: str, image: str) -> dict[str, Any]:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": image}]},
    }
    spec = {"backoffLimit": 0, "template": template}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}


def claim(name: str, size: str) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    kind = "PersistentVolumeClaim"
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def the_pod(control_plane: ControlPlane, namespace: str, app: str) -> dict[str, Any]:
    pods = control_plane.get("pods", "-n", namespace, "-l", f"app={app}")["items"]
    pod: dict[str, Any] = pods[0] if pods else {}
    return pod


def conditions(pod: dict[str, Any]) -> dict[str, str]:
    found = pod.get("status", {}).get("conditions", [])
    return {condition["type"]: condition["status"] for condition in found}


def await_field(
    control_plane: ControlPlane, namespace: str, name: str, path: list[str], value: object
) -> None:
    def holds() -> bool:
        body = control_plane.get(name, "-n", namespace)
        for key in path:
            body = body.get(key, {})
        return bool(body == value)

    await_true(holds)


def await_true(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited 30 s in vain"
        time.sleep(0.1)
