"""A real operator process, and the cluster as a user with kubectl sees it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from supamanager_kube import kinds, labels

if TYPE_CHECKING:
    from forks import ForkSupervisor
    from supamanager_dev.controlplane import ControlPlane
    from supamanager_dev.supervisor import Supervisor

PROJECT = f"{labels.PLURAL}.{labels.GROUP}"


class OperatorProcess:
    """One `python -m supamanager_operator` after the other, in the same pod so to speak: whoever is
    started after one that was killed need not wait for its Lease.

    Its variables are the settings without the prefix.
    """

    def __init__(
        self,
        supervisor: Supervisor | ForkSupervisor,
        *,
        kubeconfig: Path,
        number: int,
        lease: str = "supamanager-operator",
    ) -> None:
        self._supervisor = supervisor
        self._kubeconfig = kubeconfig
        self._number = number
        self.lease = lease
        self.pod = f"operator-{number}"
        self.pid = 0
        self.name = ""
        self.health_port = 0
        self.metrics_port = 0

    def twin(self) -> OperatorProcess:
        """The other replica: the same account and Lease in another pod."""
        return OperatorProcess(
            self._supervisor,
            kubeconfig=self._kubeconfig,
            number=self._number + 50,
            lease=self.lease,
        )

    def start(self, **settings: str) -> None:
        self.launch(**settings)
        self.await_health()

    def launch(self, **settings: str) -> None:
        """Start it without waiting for anything."""
        from supamanager_dev import ports

        self._number += 1
        self.name = f"operator-{self._number}"
        self.health_port, self.metrics_port = ports.free(2)
        values = {
            "BIND_ADDRESS": "127.0.0.1",
            "HEALTH_PORT": str(self.health_port),
            "METRICS_PORT": str(self.metrics_port),
            "LEASE": f"supamanager/{self.lease}",
            # The machine of the tests may be slower than any cluster.
            "LEASE_SECONDS": "60",
            **settings,
        }
        self.pid = self._supervisor.start(
            self.name,
            [sys.executable, "-m", "supamanager_operator"],
            env={
                **os.environ,
                "KUBECONFIG": str(self._kubeconfig),
                "POD_NAME": self.pod,
                "PYTHONWARNINGS": "default",
                **{f"SUPAMANAGER_{name}": value for name, value in values.items()},
            },
            stop_signal=signal.SIGTERM,
        )

    def await_health(self) -> None:
        from supamanager_dev.progress import wait_until

        wait_until(
            lambda: self.get(self.health_port, "/readyz") == "ok\n",
            "the operator",
            timeout=30,
            alive=lambda: self._supervisor.check(self.name),
        )

    def await_end(self) -> None:
        from supamanager_dev.progress import wait_until

        wait_until(lambda: self.ended, "the operator's end", timeout=30)

    @staticmethod
    def get(port: int, path: str) -> str:
        url = f"http://127.0.0.1:{port}{path}"
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
        return ""

    @property
    def reconciled(self) -> int:
        """How often it has reconciled with success."""
        text = self.get(self.metrics_port, "/metrics")
        found = re.search(r'reconciles_total\{result="success"\} ([0-9.]+)', text)
        return int(float(found.group(1))) if found else 0

    @property
    def log(self) -> str:
        return self._supervisor.log(self.name).read_text()

    @property
    def tracebacks(self) -> list[str]:
        """Lines of the log with a traceback.

        Without what asyncio says of Kopf's generator when it is closed: that is left open by a
        watch that is cancelled just as it hands an event on.
        """
        return [
            line
            for line in self.log.splitlines()
            if "Traceback" in line and "closing of asynchronous generator" not in line
        ]

    def check(self) -> None:
        self._supervisor.check(self.name)

    @property
    def exit_code(self) -> int | None:
        return self._supervisor.exit_code(self.name)

    @property
    def ended(self) -> bool:
        return self.exit_code is not None

    def stop(self) -> None:
        self._supervisor.stop(self.name)

    def kill(self) -> None:
        self._supervisor.stop(self.name, number=signal.SIGKILL)


class Cluster:
    """What a user sees of the test's namespace with kubectl."""

    def __init__(self, control_plane: ControlPlane, namespace: str) -> None:
        self.control_plane = control_plane
        self.namespace = namespace

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self.control_plane.kubectl("-n", self.namespace, *arguments, stdin=stdin)

    def get(self, *arguments: str) -> Any:
        return self.control_plane.get("-n", self.namespace, *arguments)

    def find(self, kind: kinds.Kind, name: str) -> dict[str, Any] | None:
        """As `kubectl get`, without a process for each look: this is what tests wait with."""
        found: dict[str, Any] | None = self.control_plane.api.find(kind.path(self.namespace, name))
        if found is not None:
            found["metadata"].pop("managedFields", None)
        return found

    def apply(
        self, spec: dict[str, Any] | None = None, *, name: str = "demo", **metadata: Any
    ) -> None:
        """`kubectl apply --server-side` of a project, as the field manager kubectl."""
        document: dict[str, Any] = {
            "apiVersion": labels.API_VERSION,
            "kind": labels.KIND,
            "metadata": {"name": name, "namespace": self.namespace, **metadata},
        }
        if spec is not None:
            document["spec"] = spec
        self.control_plane.apply([document])

    def project(self, name: str = "demo") -> dict[str, Any]:
        found = self.find(kinds.PROJECT, name)
        assert found is not None, f"there is no project {name}"
        return found

    def history(self, since: dict[str, Any], name: str = "demo") -> list[dict[str, Any]]:
        """Every state of the project after this one, as a watch tells them."""
        path = f"/apis/{labels.API_VERSION}/namespaces/{self.namespace}/{labels.PLURAL}"
        version = since["metadata"]["resourceVersion"]
        events = self.kubectl(
            "get", "--raw", f"{path}?watch=1&timeoutSeconds=1&resourceVersion={version}"
        )
        bodies = [json.loads(line)["object"] for line in events.splitlines()]
        return [body for body in bodies if body["metadata"]["name"] == name]

    def patch(self, patch: dict[str, Any], *, name: str = "demo", kind: str = PROJECT) -> None:
        self.kubectl("patch", kind, name, "--type", "merge", "-p", json.dumps(patch))

    def ends(self, component: str, *, message: str) -> None:
        """The failed pods of a component have said this at their end, as a kubelet reports it."""
        pods = self.get("pods", "-l", f"{labels.PROJECT_COMPONENT}={component}")["items"]
        assert pods, f"there is no pod of {component}"
        for pod in pods:
            statuses = pod["status"]["containerStatuses"]
            for status in statuses:
                status["state"]["terminated"]["message"] = message
            patch = {"status": {"containerStatuses": statuses}}
            name = pod["metadata"]["name"]
            self.kubectl(
                *("patch", "pod", name, "--subresource", "status", "--type", "merge"),
                *("-p", json.dumps(patch)),
            )

    def condition(self, type_: str, name: str = "demo") -> dict[str, Any]:
        """A condition of the project; empty when there is none."""
        for condition in self.project(name).get("status", {}).get("conditions", ()):
            if condition["type"] == type_:
                return dict(condition)
        return {}

    def await_condition(
        self, type_: str, *, name: str = "demo", timeout: float = 60, **wanted: str
    ) -> dict[str, Any]:
        """The condition once its fields are as wanted."""
        return await_that(
            lambda: self.condition(type_, name),
            lambda found: all(found.get(key) == value for key, value in wanted.items()),
            what=f"{type_} of {name} to be {wanted}",
            timeout=timeout,
        )

    def await_active(self, name: str = "demo", *, timeout: float = 60) -> dict[str, Any]:
        """Until it serves and nothing rolls out any more; returns the resource."""

        def settled(project: dict[str, Any]) -> bool:
            status = project.get("status", {})
            types = {c["type"]: c for c in status.get("conditions", ())}
            return (
                status.get("observedGeneration") == project["metadata"]["generation"]
                and types.get("Ready", {}).get("reason") == "Active"
                and "Reconciling" not in types
            )

        return await_that(
            lambda: self.project(name), settled, what=f"{name} to be Active", timeout=timeout
        )


def await_that(
    read: Callable[[], Any], accept: Callable[[Any], bool], *, what: str, timeout: float = 60
) -> Any:
    """What `read` returns as soon as it is accepted; the last answer is in the failure."""
    from supamanager_dev.errors import NotReady
    from supamanager_dev.progress import wait_until

    last: list[Any] = [None]

    def ask() -> bool:
        last[0] = read()
        return accept(last[0])

    try:
        wait_until(ask, what, timeout=timeout, every=0.1)
    except NotReady:
        pytest.fail(f"waited {timeout:.0f} s for {what}; last: {json.dumps(last[0], indent=1)}")
    return last[0]
