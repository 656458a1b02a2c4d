"""What quotas count is what the releases ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from supamanager_api.organizations import quotas
from supamanager_api.organizations.quotas import Quota
from supamanager_api.projects import footprints, ownership
from supamanager_kube import quantities

RELEASES = sorted((Path(__file__).parents[4] / "manifests" / "releases").glob("*.yaml"))


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_every_release_asks_for_what_is_counted(path: Path):
    release = yaml.safe_load(path.read_text(encoding="utf-8"))
    sums = {
        size: (
            int(sum(quantities.value(each["cpu"]) for each in table.values()) * quotas.MILLI),
            int(sum(quantities.value(each["memory"]) for each in table.values()) / footprints.MEBI),
        )
        for size, table in release["sizes"].items()
    }
    assert sums == footprints.REQUESTS
    assert release["volumes"] == footprints.VOLUMES


def test_quantities_and_no_limit():
    quota = quotas.parse('{"projects": 3, "cpu": "1500m", "memory": "2Gi", "storage": null}')
    assert quota == Quota(projects=3, cpu=1500, memory=2 * 2**30)
    assert quotas.changed(quota, {"memory": None, "cpu": 2}) == Quota(projects=3, cpu=2000)
    assert quotas.readable("memory", 3 * 2**29) == "1536Mi"
    assert quotas.readable("cpu", 4600) == "4600m"
    assert quotas.readable("cpu", 2000) == "2"


class Row:
    organization_label = "new"
    label_revision = 3
    label_version: int | None = 120
    applied_revision = 3


def test_which_label_counts():
    """What this program set, until something newer was seen."""
    row = Row()
    assert ownership.label(row, seen="old", version="119") == "new"
    assert ownership.label(row, seen="other", version="120") == "other"
    assert ownership.label(row, seen=None, version="121") == "new"
    row.applied_revision, row.label_version = 2, None
    assert ownership.label(row, seen="old", version="900") == "new"
    row.label_revision = 0
    assert ownership.label(row, seen="old", version="900") == "old"
