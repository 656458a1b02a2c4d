"""Flux, built once with Go: what its libraries say, its controllers and their definitions.

Versions and checksums are in `dev/flux/go.mod` and `go.sum`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from supamanager_dev import cache, gobuild
from supamanager_dev.errors import ProgramFailed
from supamanager_dev.progress import Progress, silent

MODULE: Final = Path(__file__).parents[1] / "flux"
CONTROLLERS: Final = ("source-controller", "kustomize-controller")
DEFINITIONS: Final = "definitions"
"""The folder of the controllers' CustomResourceDefinitions."""

_VERDICTS: Final = "verdicts"
_OWNER: Final = "github.com/fluxcd"


@dataclass(frozen=True)
class Verdict:
    """What Flux waits for says of a resource.

    `kstatus` is what the library finds by itself, `expressions` what those of a Kustomization
    give: `Current`, `InProgress` or `Failed`, and by itself also `Terminating`.
    """

    kstatus: str
    message: str
    expressions: str


def ensure(progress: Progress = silent) -> Path:
    """The folder with the program of `verdicts`, which is made if it is missing."""
    version = _version()
    return cache.provide(
        cache.root() / "flux" / f"verdicts-{version}-{_stamp()}",
        [_VERDICTS],
        make=lambda folder: _make_verdicts(folder, version, progress),
        progress=progress,
    )


def ensure_controllers(progress: Progress = silent) -> Path:
    """The folder with the controllers and DEFINITIONS, made if one is missing."""
    version = _version()
    return cache.provide(
        cache.root() / "flux" / f"controllers-{version}-{_stamp()}",
        [*CONTROLLERS, f"{DEFINITIONS}/kustomize.toolkit.fluxcd.io_kustomizations.yaml"],
        make=lambda folder: _make_controllers(folder, version, progress),
        progress=progress,
    )


def verdicts(
    folder: Path, expressions: Mapping[str, str], resources: Iterable[Mapping[str, Any]]
) -> list[Verdict]:
    """One for each resource; `expressions` are `current`, `inProgress` and `failed`.

    Raises:
        ProgramFailed: an expression is none, or cannot be evaluated for a resource; says which.
    """
    result = subprocess.run(
        [folder / _VERDICTS],
        input=json.dumps({"expressions": dict(expressions), "resources": list(resources)}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if result.returncode != 0:
        raise ProgramFailed(_VERDICTS, result.returncode, result.stderr.strip())
    return [Verdict(**each) for each in json.loads(result.stdout)]


def _stamp() -> str:
    """Of what is ours and of what is pinned: a change of either is another build."""
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum", f"{_VERDICTS}/main.go"):
        digest.update((MODULE / name).read_bytes())
    return digest.hexdigest()[:8]


def _version() -> str:
    return gobuild.version(MODULE, f"{_OWNER}/kustomize-controller")


def _make_verdicts(folder: Path, version: str, progress: Progress) -> None:
    progress(f"building what Flux {version} waits by, with Go: once, a minute or two")
    gobuild.build(MODULE, [f"./{_VERDICTS}"], folder, stamps={}, progress=progress)


def _make_controllers(folder: Path, version: str, progress: Progress) -> None:
    progress(f"building Flux's controllers {version} with Go: once, ten minutes on two cores")
    packages = [f"{_OWNER}/{name}" for name in CONTROLLERS]
    gobuild.build(MODULE, packages, folder, stamps={}, progress=progress)
    definitions = folder / DEFINITIONS
    definitions.mkdir()
    for package in packages:
        for file in sorted((gobuild.source(MODULE, package) / "config/crd/bases").glob("*.yaml")):
            shutil.copyfile(file, definitions / file.name)
