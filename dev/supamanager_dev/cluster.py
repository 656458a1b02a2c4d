"""A cluster and what its administrator does with kubectl."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from supamanager_dev import kubectl
from supamanager_dev.resource import Resource

CRDS: Final = Path(__file__).parents[2] / "crds"

Documents = Path | Mapping[str, Any] | Iterable[Mapping[str, Any]]


def namespace(
    name: str, labels: Mapping[str, str] | None, annotations: Mapping[str, str] | None
) -> dict[str, Any]:
    metadata = {"name": name, "labels": dict(labels or {}), "annotations": dict(annotations or {})}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


class Cluster(Resource):
    """Base of the local control plane and of a cluster that was there before."""

    @property
    @abstractmethod
    def admin_kubeconfig(self) -> Path: ...

    @property
    @abstractmethod
    def directory(self) -> Path:
        """A folder for files that belong to it; it ends with this object."""

    @abstractmethod
    def create_namespace(
        self,
        name: str,
        *,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> None: ...

    @abstractmethod
    def kubeconfig_for(self, namespace: str, service_account: str) -> Path:
        """A kubeconfig that speaks as a ServiceAccount, which must exist, for a month."""

    def kubectl(self, *arguments: str, stdin: str | None = None, timeout: float = 60) -> str:
        """Run kubectl as the administrator; returns what it printed."""
        return kubectl.run(
            self.admin_kubeconfig,
            *arguments,
            cache=self.directory / "kubectl",
            stdin=stdin,
            timeout=timeout,
        )

    def get(self, *arguments: str) -> Any:
        """What `kubectl get … -o json` says, decoded."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def apply(self, documents: Documents, *, namespace: str | None = None) -> None:
        """Server-side apply of a file, a folder, one document or several."""
        where = [] if namespace is None else ["--namespace", namespace]
        command = ["apply", "--server-side", *where, "--filename"]
        if isinstance(documents, Path):
            self.kubectl(*command, str(documents))
            return
        items = [documents] if isinstance(documents, Mapping) else list(documents)
        bundle = {"apiVersion": "v1", "kind": "List", "items": items}
        self.kubectl(*command, "-", stdin=json.dumps(bundle))
