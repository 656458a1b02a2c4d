"""The recorded hash of every pod template that each release renders.

A template edit that would restart the pods of existing projects shows as a difference. Until a
release is frozen its hashes are recorded again with the change; afterwards the edit has to hang on
a value of a newer release.

    python -m supamanager_dev.golden           compare
    python -m supamanager_dev.golden --write   record the releases that are not frozen
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from supamanager_dev import samples
from supamanager_kube import kinds
from supamanager_operator import render
from supamanager_operator.render import data, releases

FOLDER: Final = data.CHECKOUT / "tests" / "unit" / "golden"

Hashes = dict[str, dict[str, str]]
"""By sample and workload."""


class Frozen(Exception):
    """A frozen release would be recorded anew; the message names it."""


def hashes(version: str) -> Hashes:
    return {
        sample: {
            entry.component: render.digest(entry.body["spec"]["template"])
            for entry in render.render(samples.inputs(sample, version))
            if entry.component and kinds.of(entry.body) in kinds.WORKLOADS
        }
        for sample in samples.SPECS
    }


def differences(version: str, folder: Path = FOLDER) -> list[str]:
    """`sample/component` of each pod template that differs from its record."""
    path = _path(version, folder)
    recorded: Hashes = json.loads(path.read_text()) if path.exists() else {}
    rendered = hashes(version)
    return sorted(
        f"{sample}/{component}"
        for sample in recorded.keys() | rendered.keys()
        for component in recorded.get(sample, {}).keys() | rendered.get(sample, {}).keys()
        if recorded.get(sample, {}).get(component) != rendered.get(sample, {}).get(component)
    )


def write(version: str, folder: Path = FOLDER) -> None:
    """Raises Frozen if a recorded, frozen release would change."""
    path = _path(version, folder)
    if releases.load(version).frozen and path.exists() and differences(version, folder):
        raise Frozen(f"release {version} is frozen: its pods must not change")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(hashes(version), indent=2, sort_keys=True) + "\n")


def _path(version: str, folder: Path) -> Path:
    return folder / f"{version}.json"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="golden", description="hashes of the pod templates")
    parser.add_argument("--write", action="store_true", help="record instead of comparing")
    options = parser.parse_args(arguments)
    failed = False
    for version in releases.versions():
        try:
            if options.write:
                write(version)
        except Frozen as error:
            sys.stderr.write(f"{error}\n")
        for difference in differences(version):
            failed = True
            sys.stderr.write(f"{version}: the pods of {difference} would restart\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
