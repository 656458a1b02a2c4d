"""Running a command line client to its end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from supamanager_dev.errors import ClientFailed


def run(
    program: Path,
    arguments: tuple[str, ...],
    *,
    failure: type[ClientFailed],
    environment: Mapping[str, str],
    stdin: str | None,
    timeout: float,
) -> str:
    """What it printed.

    Raises:
        ClientFailed: `failure`, with what it complained about.
    """
    result = subprocess.run(
        [program, *arguments],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, **environment},
    )
    if result.returncode != 0:
        raise failure(arguments, result.returncode, result.stderr)
    return result.stdout
