"""The plain manifests say what the charts say."""

from __future__ import annotations

from pathlib import Path

import yaml

from supamanager_dev import bundle, kubectl
from supamanager_dev.helm import Helm


def test_is_what_the_charts_render(helm: Helm):
    assert bundle.FILE.read_text() == bundle.make(helm), "run `make bundle`"


def test_kustomize_builds_the_same(tmp_path: Path):
    built = kubectl.run(
        tmp_path / "none", "kustomize", str(bundle.FILE.parent), cache=tmp_path / "cache"
    )

    def named(text: str) -> dict[tuple[str, str, str], object]:
        return {
            (each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"]): each
            for each in yaml.safe_load_all(text)
            if each
        }

    assert named(built) == named(bundle.FILE.read_text())
