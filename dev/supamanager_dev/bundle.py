"""`deploy/supamanager.yaml`: both charts with their default values as plain manifests."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import yaml

from supamanager_dev import charts, helm, rbac
from supamanager_dev.errors import DevError
from supamanager_dev.helm import Helm
from supamanager_dev.progress import to_stderr

FILE: Final = charts.ROOT / "deploy" / "supamanager.yaml"

_HEAD: Final = """\
# SupaManager without Helm; made by `make bundle` from charts/.
#
#   kubectl apply --server-side -f supamanager.yaml
"""
_HELM: Final = "helm.sh/"
_MANAGED_BY: Final = "app.kubernetes.io/managed-by"


def make(tool: Helm) -> str:
    """The text of the bundle."""
    home: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": rbac.NAMESPACE,
            "labels": {
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
            },
        },
    }
    documents = [*_rendered(tool, charts.CRDS), home, *_rendered(tool, charts.MAIN)]
    texts = [yaml.safe_dump(each, sort_keys=False, width=1000) for each in documents]
    return "---\n".join([_HEAD, *texts])


def _rendered(tool: Helm, chart: Path) -> list[dict[str, Any]]:
    text = tool.run(
        "template", "supamanager", str(chart), "--namespace", rbac.NAMESPACE, "--skip-tests"
    )
    documents = [document for document in yaml.safe_load_all(text) if document]
    for document in documents:
        metadata = document["metadata"]
        for field in ("labels", "annotations"):
            kept = {
                key: value
                for key, value in (metadata.get(field) or {}).items()
                if not key.startswith(_HELM)
            }
            metadata[field] = kept
            if not kept:
                del metadata[field]
        if _MANAGED_BY in metadata.get("labels", {}):
            metadata["labels"][_MANAGED_BY] = "kubectl"
    return documents


def main(arguments: list[str] | None = None) -> int:
    """The command `python -m supamanager_dev.bundle [--check]`."""
    parser = argparse.ArgumentParser(prog="python -m supamanager_dev.bundle", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as home:
            text = make(Helm(helm.ensure(to_stderr), home=Path(home)))
    except DevError as error:
        print(error, file=sys.stderr)
        return 2
    if FILE.is_file() and FILE.read_text(encoding="utf-8") == text:
        return 0
    if options.check:
        name = FILE.relative_to(charts.ROOT)
        print(f"{name} is not what the charts say now; run `make bundle`", file=sys.stderr)
        return 1
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
