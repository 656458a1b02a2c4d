"""The programs of the control plane: from the cache, else built with Go.

Their versions and checksums are in `dev/binaries/go.mod` and `go.sum`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from supamanager_dev import cache, gobuild
from supamanager_dev.errors import ProgramFailed
from supamanager_dev.progress import Progress, silent

MODULE: Final = Path(__file__).parents[1] / "binaries"

PROGRAMS: Final = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kwok": "sigs.k8s.io/kwok/cmd/kwok",
}

_BUILT_AS: Final = {"etcd": "server"}


def version() -> str:
    """The version of Kubernetes that the module pins, as `v1.37.2`."""
    return gobuild.version(MODULE, "k8s.io/kubernetes")


def ensure(progress: Progress = silent) -> Path:
    """The folder that holds every one of PROGRAMS, which are built if they are missing."""
    return cache.provide(
        cache.root() / "bin" / version(),
        PROGRAMS,
        make=lambda folder: _build(folder, progress),
        progress=progress,
    )


def _build(folder: Path, progress: Progress) -> None:
    progress(
        f"building Kubernetes {version()}, etcd and KWOK with Go: "
        "once, about 8 minutes on two cores"
    )
    major, minor = version().removeprefix("v").split(".")[:2]
    values = {
        "gitVersion": version(),
        "gitMajor": major,
        "gitMinor": minor,
        "gitTreeState": "clean",
    }
    gobuild.build(
        MODULE,
        PROGRAMS.values(),
        folder,
        stamps={f"k8s.io/component-base/version.{name}": value for name, value in values.items()},
        progress=progress,
    )
    for name, built in _BUILT_AS.items():
        (folder / built).rename(folder / name)
    missing = [name for name in PROGRAMS if not (folder / name).is_file()]
    if missing:
        raise ProgramFailed("go", 0, f"it built no {', '.join(missing)}")
