"""A cluster that is there already, named by a kubeconfig: what is made in it stays."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Self

from supamanager_dev import kubeconfig, kubectl
from supamanager_dev.cluster import CRDS, Cluster, namespace
from supamanager_dev.errors import DevError
from supamanager_dev.progress import Progress, silent
from supamanager_kube import labels

_VALID: Final = "720h"


class ExistingCluster(Cluster):
    """A context manager; inside, our CRDs are applied and served.

    The administrator is the user of the file's current context.
    """

    def __init__(self, file: Path, *, progress: Progress = silent) -> None:
        self._file = file.expanduser().absolute()
        self._progress = progress
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        if not self._file.is_file():
            raise DevError(f"there is no kubeconfig {self._file}")
        with ExitStack() as undo:
            self._folder = tempfile.TemporaryDirectory(prefix="supamanager-")
            undo.callback(self.close)
            context = self._context()
            self._progress(
                f"using the cluster at {context['server']}; what is made in it stays there"
            )
            self.apply(CRDS)
            definition = f"crd/{labels.PLURAL}.{labels.GROUP}"
            self.kubectl("wait", "--for=condition=Established", "--timeout=30s", definition)
            undo.pop_all()
        return self

    def close(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    @property
    def admin_kubeconfig(self) -> Path:
        return self._file

    @property
    def directory(self) -> Path:
        if self._folder is None:
            raise DevError("the cluster is not in use")
        return Path(self._folder.name)

    def create_namespace(
        self,
        name: str,
        *,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> None:
        """Also when it is there; its other labels and annotations stay."""
        self.apply(namespace(name, labels, annotations))

    def kubeconfig_for(self, namespace: str, service_account: str) -> Path:
        token = self.kubectl(
            *("create", "token", service_account, "--namespace", namespace),
            f"--duration={_VALID}",
        )
        user = f"{namespace}.{service_account}"
        return kubeconfig.write_for(
            self.directory / f"{user}.kubeconfig",
            self._context(),
            user=user,
            token=token.strip(),
            namespace=namespace,
        )

    def _context(self) -> dict[str, Any]:
        """How the server is reached, its authority's certificate included."""
        text = kubectl.run(
            self._file,
            *("config", "view", "--minify", "--flatten", "--raw", "--output", "json"),
            cache=self.directory / "kubectl",
        )
        clusters = json.loads(text).get("clusters") or []
        if len(clusters) != 1:
            raise DevError(f"{self._file}: its current context names no cluster")
        found: dict[str, Any] = clusters[0]["cluster"]
        return found
