"""The programs of the control plane: from the cache, else downloaded, else built with Go.

Their versions, and the checksums of what Go builds them from, are in `dev/binaries/go.mod` and
`go.sum`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from supamanager_dev import cache, downloads, gobuild, releases
from supamanager_dev.errors import ProgramFailed
from supamanager_dev.progress import Progress, silent
from supamanager_dev.releases import Release

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
    """The folder that holds every one of PROGRAMS, which are made if they are missing."""
    return cache.provide(
        cache.root() / "bin" / version(),
        PROGRAMS,
        make=lambda folder: _make(folder, progress),
        progress=progress,
    )


def published() -> list[Release]:
    """The programs as their projects publish them; none for other machines than theirs."""
    arch = releases.architecture()
    if not arch:
        return []
    kubernetes = [
        releases.kubernetes(name, version(), arch)
        for name, package in PROGRAMS.items()
        if package.startswith("k8s.io/kubernetes/")
    ]
    return [
        *kubernetes,
        releases.etcd(gobuild.version(MODULE, PROGRAMS["etcd"]), arch),
        releases.kwok(gobuild.version(MODULE, "sigs.k8s.io/kwok"), arch),
    ]


def _make(folder: Path, progress: Progress) -> None:
    there = downloads.fetch(published(), folder, progress=progress)
    if missing := [name for name in PROGRAMS if name not in there]:
        _build(missing, folder, progress)


def _build(names: list[str], folder: Path, progress: Progress) -> None:
    what = f"Kubernetes {version()}, etcd and KWOK" if len(names) > 2 else " and ".join(names)
    minutes = 2 * len(names) - 2 or 1
    progress(
        f"building {what} with Go: once, about {minutes} minute{'s' * (minutes > 1)} on two cores"
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
        [PROGRAMS[name] for name in names],
        folder,
        stamps={f"k8s.io/component-base/version.{name}": value for name, value in values.items()},
        progress=progress,
    )
    for name, built in _BUILT_AS.items():
        if name in names and (folder / built).exists():
            (folder / built).rename(folder / name)
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise ProgramFailed("go", 0, f"it built no {', '.join(missing)}")
