"""`docs/gitops/argocd/argocd-cm.yaml`: the health check of a project as a patch of Argo CD's
ConfigMap. Its source is the script beside it."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from supamanager_dev.generated import DOCS
from supamanager_kube import labels

FOLDER: Final = DOCS / "gitops" / "argocd"
SCRIPT: Final = FOLDER / "health.lua"
PATCH: Final = FOLDER / "argocd-cm.yaml"

KEY: Final = f"resource.customizations.health.{labels.GROUP}_{labels.KIND}"


def patch() -> str:
    lines = [f"    {line}".rstrip() for line in SCRIPT.read_text(encoding="utf-8").splitlines()]
    return "\n".join(["data:", f"  {KEY}: |", *lines, ""])


def main(arguments: list[str] | None = None) -> int:
    """The command `python -m supamanager_dev.argocd [--check]`."""
    command = "python -m supamanager_dev.argocd"
    parser = argparse.ArgumentParser(prog=command, description=f"writes {PATCH.name}")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    if not options.check:
        PATCH.write_text(patch(), encoding="utf-8")
    elif not PATCH.is_file() or PATCH.read_text(encoding="utf-8") != patch():
        print(f"{PATCH} is not what {SCRIPT.name} says now; run {command}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
