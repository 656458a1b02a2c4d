"""Helm, downloaded or built with Go once: the one that renders, installs and tests the charts.

Its version, and the checksums of what Go builds it from, are in `dev/helm/go.mod` and `go.sum`. It
is built with the libraries of the control plane's version of Kubernetes, so that a build of both
compiles them once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from supamanager_dev import cache, clients, downloads, gobuild, releases
from supamanager_dev.errors import HelmError
from supamanager_dev.progress import Progress, silent

MODULE: Final = Path(__file__).parents[1] / "helm"
_PACKAGE: Final = "helm.sh/helm/v4"


def ensure(progress: Progress = silent) -> Path:
    """The program, made if it is missing."""
    version = gobuild.version(MODULE, _PACKAGE)

    def make(folder: Path) -> None:
        arch = releases.architecture()
        wanted = [releases.helm(version, arch)] if arch else []
        if downloads.fetch(wanted, folder, progress=progress):
            return
        progress(f"building Helm {version} with Go: once, about 2 minutes on two cores")
        gobuild.build(
            MODULE,
            [f"{_PACKAGE}/cmd/helm"],
            folder,
            stamps={f"{_PACKAGE}/internal/version.version": version},
            progress=progress,
        )

    folder = cache.provide(cache.root() / "helm" / version, ["helm"], make=make, progress=progress)
    return folder / "helm"


class Helm:
    """Runs Helm with every file it keeps in a folder of ours."""

    def __init__(self, program: Path, *, home: Path, kubeconfig: Path | None = None) -> None:
        self._program = program
        self._home = home
        self._kubeconfig = kubeconfig

    def at(self, kubeconfig: Path) -> Helm:
        """The same for a cluster."""
        return Helm(self._program, home=self._home, kubeconfig=kubeconfig)

    def run(self, *arguments: str, stdin: str | None = None, timeout: float = 120) -> str:
        """What it printed; raises HelmError with what it complained about."""
        return clients.run(
            self._program,
            arguments,
            failure=HelmError,
            environment={
                "KUBECONFIG": str(self._kubeconfig or os.devnull),
                "HELM_CACHE_HOME": str(self._home / "cache"),
                "HELM_CONFIG_HOME": str(self._home / "config"),
                "HELM_DATA_HOME": str(self._home / "data"),
            },
            stdin=stdin,
            timeout=timeout,
        )
