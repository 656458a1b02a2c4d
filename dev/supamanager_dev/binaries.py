"""The programs of the control plane: from the cache, else built with Go.

Their versions and checksums are in `dev/binaries/go.mod` and `go.sum`.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path
from typing import Final

from supamanager_dev import cache
from supamanager_dev.errors import ProgramFailed, ToolMissing
from supamanager_dev.progress import Progress, silent
from supamanager_dev.supervisor import Supervisor

MODULE: Final = Path(__file__).parents[1] / "binaries"

PROGRAMS: Final = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kwok": "sigs.k8s.io/kwok/cmd/kwok",
}

_BUILT_AS: Final = {"etcd": "server"}
_SPEAK_EVERY: Final = 10.0


def version() -> str:
    """The version of Kubernetes that the module pins, as `v1.37.2`."""
    text = (MODULE / "go.mod").read_text()
    found = re.search(r"^\s*k8s\.io/kubernetes (v\S+)$", text, re.MULTILINE)
    if found is None:
        raise ToolMissing(f"{MODULE / 'go.mod'} requires no version of k8s.io/kubernetes")
    return found[1]


def ensure(progress: Progress = silent) -> Path:
    """The folder that holds every one of PROGRAMS, which are built if they are missing."""
    return cache.provide(
        cache.root() / "bin" / version(),
        PROGRAMS,
        make=lambda folder: _build(folder, progress),
        progress=progress,
    )


def _build(folder: Path, progress: Progress) -> None:
    go = shutil.which("go")
    if go is None:
        raise ToolMissing(
            "the programs of the Kubernetes control plane are built with Go 1.26 or newer, which "
            f"is not on PATH: install it from https://go.dev/dl/, or put {', '.join(PROGRAMS)} "
            f"into {cache.root() / 'bin' / version()}"
        )
    progress(
        f"building Kubernetes {version()}, etcd and KWOK with Go: "
        "once, about 8 minutes on two cores"
    )
    major, minor = version().removeprefix("v").split(".")[:2]
    stamp = "k8s.io/component-base/version"
    flags = {
        "gitVersion": version(),
        "gitMajor": major,
        "gitMinor": minor,
        "gitTreeState": "clean",
    }
    ldflags = " ".join(["-s -w", *(f"-X {stamp}.{key}={value}" for key, value in flags.items())])
    argv = [go, "build", "-v", "-trimpath", "-buildvcs=false", "-ldflags", ldflags]
    with Supervisor("build") as supervisor:
        supervisor.start(
            "go",
            [*argv, "-o", f"{folder}/", *PROGRAMS.values()],
            cwd=MODULE,
            env={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"},
        )
        _follow(supervisor, progress)
    for name, built in _BUILT_AS.items():
        (folder / built).rename(folder / name)
    missing = [name for name in PROGRAMS if not (folder / name).is_file()]
    if missing:
        raise ProgramFailed("go", 0, f"it built no {', '.join(missing)}")


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
