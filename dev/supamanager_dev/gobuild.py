"""Programs built with Go from a module of ours, whose go.mod and go.sum pin all that goes in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from supamanager_dev.errors import ProgramFailed, ToolMissing
from supamanager_dev.progress import Progress
from supamanager_dev.supervisor import Supervisor

_SPEAK_EVERY: Final = 10.0


def version(module: Path, package: str) -> str:
    """The version of a package's module that the go.mod of `module` pins, as `v1.37.2`."""
    text = (module / "go.mod").read_text()
    found = re.search(rf"^(?:require)?\s*{re.escape(package)} (v\S+)$", text, re.MULTILINE)
    if found is None:
        raise ToolMissing(f"{module / 'go.mod'} requires no version of {package}")
    return found[1]


def build(
    module: Path,
    packages: Collection[str],
    folder: Path,
    *,
    stamps: Mapping[str, str],
    progress: Progress,
) -> None:
    """Build packages into a folder; `stamps` are values for variables of the programs.

    Raises:
        ToolMissing: there is no Go.
        ProgramFailed: with Go's own words.
    """
    go = shutil.which("go")
    if go is None:
        raise ToolMissing(
            f"{', '.join(path.rpartition('/')[2] for path in packages)} are built with Go 1.26 or "
            "newer, which is not on PATH: install it from https://go.dev/dl/"
        )
    ldflags = " ".join(["-s -w", *(f"-X {name}={value}" for name, value in stamps.items())])
    argv = [go, "build", "-v", "-trimpath", "-buildvcs=false", "-ldflags", ldflags]
    with Supervisor("build") as supervisor:
        supervisor.start(
            "go",
            [*argv, "-o", f"{folder}/", *packages],
            cwd=module,
            env={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"},
        )
        _follow(supervisor, progress)


def source(module: Path, package: str) -> Path:
    """The folder of a package of another module, which a build of `module` has downloaded."""
    result = subprocess.run(
        ["go", "list", "-f", "{{.Dir}}", package],
        cwd=module,
        env={**os.environ, "GOWORK": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise ProgramFailed("go", result.returncode, result.stderr.strip())
    return Path(result.stdout.strip())


def _follow(supervisor: Supervisor, progress: Progress) -> None:
    """Tell how far Go is: with `-v` it prints a line per package or module."""
    started = spoken = time.monotonic()
    while (code := supervisor.exit_code("go")) is None:
        time.sleep(0.1)
        now = time.monotonic()
        if now - spoken >= _SPEAK_EVERY:
            spoken = now
            lines = supervisor.log("go").read_text(errors="replace").splitlines()
            modules = sum(line.startswith("go: downloading ") for line in lines)
            minutes, seconds = divmod(int(now - started), 60)
            progress(
                f"  {minutes}:{seconds:02d}  {modules} modules downloaded, "
                f"{len(lines) - modules} packages compiled"
            )
    if code != 0:
        raise ProgramFailed("go", code, supervisor.log_tail("go"))
