"""CustomResourceDefinitions of other controllers, out of their Go modules, for tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supamanager_dev import cache
from supamanager_dev.errors import ProgramFailed, ToolMissing
from supamanager_dev.progress import Progress, silent


@dataclass(frozen=True, kw_only=True)
class Module:
    """`checksum` is that of the module's content, as go.sum has it; `files` are paths in it."""

    path: str
    version: str
    checksum: str
    files: tuple[str, ...]


MODULES: Final = (
    Module(
        path="github.com/cloudnative-pg/cloudnative-pg",
        version="v1.28.0",
        checksum="h1:vkv0a0ewDSfJOPJrsyUr4uczsxheReAWf/k171V0Dm0=",
        files=("config/crd/bases/postgresql.cnpg.io_clusters.yaml",),
    ),
    Module(
        path="github.com/prometheus-operator/prometheus-operator",
        version="v0.85.0",
        checksum="h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
        files=(
            "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
            "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
        ),
    ),
    Module(
        path="sigs.k8s.io/gateway-api",
        version="v1.6.0",
        checksum="h1:735YBRj5NXFrOGX0GoSjwzUIzbz8kiEOfADsqHFmHgE=",
        files=("config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",),
    ),
)


def ensure(progress: Progress = silent) -> Path:
    """The folder that holds the definitions, fetched if one is missing."""
    names = [Path(file).name for module in MODULES for file in module.files]
    versions = "-".join(module.version for module in MODULES)
    return cache.provide(
        cache.root() / "foreign-kinds" / versions,
        names,
        make=lambda folder: _fetch(folder, progress),
        progress=progress,
    )


def _fetch(folder: Path, progress: Progress) -> None:
    go = shutil.which("go")
    if go is None:
        raise ToolMissing("Go 1.26 or newer is not on PATH: install it from https://go.dev/dl/")
    for module in MODULES:
        progress(f"fetching the definitions of {module.path}: once, some seconds")
        result = subprocess.run(
            [go, "mod", "download", "-json", f"{module.path}@{module.version}"],
            # Without a go.mod around it; the checksum is compared here.
            cwd=folder,
            env={**os.environ, "GOWORK": "off", "GONOSUMDB": module.path},
            capture_output=True,
            text=True,
            check=False,
        )
        answer = json.loads(result.stdout or "{}")
        if answer.get("Sum") != module.checksum:
            reason = answer.get("Error") or result.stderr or f"its checksum is {answer.get('Sum')}"
            raise ProgramFailed("go", result.returncode, f"{module.path}: {reason}")
        for file in module.files:
            shutil.copyfile(Path(answer["Dir"]) / file, folder / Path(file).name)
