"""kind, downloaded or built with Go once: it makes a cluster out of containers.

Its version, and the checksums of what Go builds it from, are in `dev/kind/go.mod` and `go.sum`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from supamanager_dev import cache, downloads, gobuild, releases
from supamanager_dev.progress import Progress, silent

MODULE: Final = Path(__file__).parents[1] / "kind"
_PACKAGE: Final = "sigs.k8s.io/kind"


def ensure(progress: Progress = silent) -> Path:
    """The program, made if it is missing."""
    version = gobuild.version(MODULE, _PACKAGE)

    def make(folder: Path) -> None:
        arch = releases.architecture()
        wanted = [releases.kind(version, arch)] if arch else []
        if downloads.fetch(wanted, folder, progress=progress):
            return
        progress(f"building kind {version} with Go: once, some seconds")
        gobuild.build(MODULE, [_PACKAGE], folder, stamps={}, progress=progress)

    folder = cache.provide(cache.root() / "kind" / version, ["kind"], make=make, progress=progress)
    return folder / "kind"
