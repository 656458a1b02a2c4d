"""The linter of GitHub's workflows, built once with Go from `dev/actionlint`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from supamanager_dev import cache, gobuild
from supamanager_dev.progress import Progress, silent

MODULE: Final = Path(__file__).parents[1] / "actionlint"
_PACKAGE: Final = "github.com/rhysd/actionlint"


def ensure(progress: Progress = silent) -> Path:
    """The program, built if it is missing."""
    version = gobuild.version(MODULE, _PACKAGE)

    def make(folder: Path) -> None:
        progress(f"building actionlint {version} with Go: once, some seconds")
        gobuild.build(MODULE, [f"{_PACKAGE}/cmd/actionlint"], folder, stamps={}, progress=progress)

    place = cache.root() / "actionlint" / version
    return cache.provide(place, ["actionlint"], make=make, progress=progress) / "actionlint"
