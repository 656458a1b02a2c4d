"""A real Kubernetes control plane on free loopback ports; KWOK plays its nodes and pods."""

from __future__ import annotations

import contextlib
import http.client
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Self

import yaml

from supamanager_dev import binaries, identity, kubeconfig, ports, programs, users
from supamanager_dev.cluster import CRDS, Cluster, Documents, namespace
from supamanager_dev.errors import ApiError, DevError
from supamanager_dev.kubeapi import KubeApi
from supamanager_dev.programs import Layout, Ports, Tuning
from supamanager_dev.progress import Progress, silent, wait_until
from supamanager_dev.resources import NotHere, Resources
from supamanager_dev.supervisor import Supervisor
from supamanager_kube import kinds

_DEV: Final = Path(__file__).parents[1]
_START_SECONDS: Final = 90.0
_TOKEN_SECONDS: Final = 30 * 24 * 3600


class ControlPlane(Cluster):
    """etcd, kube-apiserver, controller-manager, scheduler and KWOK, with our CRDs applied.

    A context manager. Whatever happens to this process, nothing of it stays behind. `without_kwok`
    are namespaces whose pods somebody else runs.
    """

    def __init__(
        self,
        *,
        tuning: Tuning | None = None,
        crds: Path | None = CRDS,
        without_kwok: Iterable[str] = (),
        progress: Progress = silent,
    ) -> None:
        self._tuning = tuning or Tuning()
        self._crds = crds
        self._without_kwok = list(without_kwok)
        self._progress = progress
        self._programs: Path | None = None
        self._supervisor: Supervisor | None = None
        self._layout: Layout | None = None
        self._api: KubeApi | None = None

    def __enter__(self) -> Self:
        self._programs = binaries.ensure(self._progress)
        ports.retry(self._start, undo=self.close, progress=self._progress)
        return self

    def close(self) -> None:
        if self._api is not None:
            self._api.close()
        if self._supervisor is not None:
            self._supervisor.close()
            self._supervisor = None

    @property
    def supervisor(self) -> Supervisor:
        if self._supervisor is None:
            raise DevError("the control plane is not running")
        return self._supervisor

    @property
    def directory(self) -> Path:
        """A folder that ends with the control plane."""
        return self.supervisor.directory

    @property
    def server(self) -> str:
        return self._files.server

    @property
    def ca_file(self) -> Path:
        return self._files.identity.certificate

    @property
    def admin_kubeconfig(self) -> Path:
        return self._files.kubeconfig(users.ADMIN)

    @property
    def audit_log(self) -> Path:
        """One JSON event a line: every request at level Metadata, but for health checks."""
        return self._files.audit_log

    @property
    def api(self) -> KubeApi:
        assert self._api is not None
        return self._api

    def get(self, *arguments: str) -> Any:
        """What `kubectl get … -o json` says, decoded; mostly without its process."""
        with contextlib.suppress(NotHere):
            return self._resources.get(arguments)
        return super().get(*arguments)

    def apply(self, documents: Documents, *, namespace: str | None = None) -> None:
        """Server-side apply as kubectl's; of documents mostly without its process."""
        if isinstance(documents, Path):
            super().apply(documents, namespace=namespace)
            return
        items = [documents] if isinstance(documents, Mapping) else list(documents)
        try:
            for body in items:
                self._resources.apply(body, namespace)
        except NotHere:
            super().apply(items, namespace=namespace)

    def create_namespace(
        self,
        name: str,
        *,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> None:
        """Create a namespace and wait until pods can be created in it.

        One of the same name that is ending is waited for; one that is there to stay is an error.
        """
        path = f"/api/v1/namespaces/{name}"

        def ending() -> bool:
            there = self.api.find(path)
            return there is not None and "deletionTimestamp" in there["metadata"]

        wait_until(lambda: not ending(), f"the end of namespace {name}", timeout=120)
        self.api.request("POST", "/api/v1/namespaces", namespace(name, labels, annotations))
        self.await_default_service_account(name)

    def remove_namespace(self, name: str) -> None:
        """Delete a namespace that no operator works in any more; its end is not waited for.

        The finalizers of its projects are taken away: they would keep it for ever, and the
        namespace controller would ask for every kind in it again and again.
        """
        path = f"/api/v1/namespaces/{name}"
        if (there := self.api.find(path)) is None:
            return
        if "deletionTimestamp" not in there["metadata"]:
            self.api.request("DELETE", path)
        projects = kinds.PROJECT.path(name)
        for project in (self.api.find(projects) or {"items": []})["items"]:
            try:
                self.api.patch(
                    f"{projects}/{project['metadata']['name']}", {"metadata": {"finalizers": None}}
                )
            except ApiError as error:
                if error.status != http.client.NOT_FOUND:
                    raise

    def await_default_service_account(self, namespace: str) -> None:
        account = f"/api/v1/namespaces/{namespace}/serviceaccounts/default"
        wait_until(
            lambda: self.api.exists(account),
            f"the default ServiceAccount of namespace {namespace}",
            timeout=90,
        )

    def kubeconfig_for(self, namespace: str, service_account: str) -> Path:
        """A kubeconfig that speaks as a ServiceAccount, which must exist, for a month."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{service_account}/token"
        answer = self.api.request(
            "POST", path, {"spec": {"expirationSeconds": _TOKEN_SECONDS, "audiences": []}}
        )
        user = f"{namespace}.{service_account}"
        return kubeconfig.write(
            self._files.kubeconfig(user),
            self.server,
            ca_file=self.ca_file,
            user=user,
            token=answer["status"]["token"],
            namespace=namespace,
        )

    def stop_apiserver(self) -> None:
        """Kill the API server: its port refuses connections when this returns."""
        self.supervisor.stop("kube-apiserver")

    def start_apiserver(self) -> None:
        """Start it again on the same port, with the same data."""
        self._run("kube-apiserver", programs.apiserver(self._files))
        self._await_ready()

    @property
    def _files(self) -> Layout:
        assert self._layout is not None
        return self._layout

    def _start(self) -> None:
        self._supervisor = Supervisor("control-plane")
        folder = self.directory
        client, peer, secure = ports.free(3)
        self._layout = layout = Layout(
            folder=folder,
            identity=identity.create(folder),
            ports=Ports(etcd=client, etcd_peer=peer, apiserver=secure),
            tuning=self._tuning,
            audit_policy=_DEV / "audit-policy.yaml",
        )
        self._run("etcd", programs.etcd(layout))
        self._api = KubeApi(layout.server, ca_file=self.ca_file, token=users.create(layout))
        self._resources = Resources(self._api)
        self._run("kube-apiserver", programs.apiserver(layout))
        self._await_ready()
        self._run("kube-controller-manager", programs.controller_manager(layout))
        self._run("kube-scheduler", programs.scheduler(layout))
        self._run("kwok", programs.kwok(layout, self._stages()))
        self._install()

    def _stages(self) -> list[Path]:
        """What KWOK does; to pods of `without_kwok` nothing."""
        found = sorted((_DEV / "kwok").glob("*.yaml"))
        if not self._without_kwok:
            return found
        elsewhere = {
            "jq": {
                "key": ".metadata.namespace",
                "operator": "NotIn",
                "values": self._without_kwok,
            }
        }
        stages = [stage for path in found for stage in yaml.safe_load_all(path.read_text())]
        for stage in stages:
            if stage["spec"]["resourceRef"]["kind"] == "Pod":
                stage["spec"]["selector"]["matchExpressions"].append(elsewhere)
        path = self.directory / "stages.yaml"
        path.write_text(yaml.safe_dump_all(stages))
        return [path]

    def _run(self, name: str, arguments: list[str]) -> None:
        assert self._programs is not None
        # Whoever has less memory than time sets it otherwise.
        environment = {**programs.ENVIRONMENT, **os.environ}
        self.supervisor.start(name, [self._programs / name, *arguments], env=environment)

    def _await_ready(self) -> None:
        wait_until(
            self.api.ready,
            "the Kubernetes API server",
            timeout=_START_SECONDS,
            progress=self._progress,
            alive=lambda: self.supervisor.check("etcd", "kube-apiserver"),
        )

    def _install(self) -> None:
        crds = [] if self._crds is None else sorted(self._crds.glob("*.yaml"))
        files = [_DEV / "cluster.yaml", *crds]
        self.kubectl("apply", "--server-side", "--filename", ",".join(map(str, files)))
        wait_until(
            self._resources_served,
            "the resources of SupaManager",
            timeout=30,
            progress=self._progress,
        )
        wait_until(
            self._node_ready,
            "the simulated node",
            timeout=_START_SECONDS,
            progress=self._progress,
            alive=lambda: self.supervisor.check(
                "kube-controller-manager", "kube-scheduler", "kwok"
            ),
        )
        self.await_default_service_account("default")

    def _node_ready(self) -> bool:
        nodes = self.api.request("GET", "/api/v1/nodes")["items"]
        return all(_holds(node, "Ready") for node in nodes)

    def _resources_served(self) -> bool:
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        return all(_holds(crd, "Established") for crd in self.api.request("GET", path)["items"])


def _holds(body: Mapping[str, Any], condition: str) -> bool:
    return any(
        each["type"] == condition and each["status"] == "True"
        for each in body.get("status", {}).get("conditions") or []
    )
