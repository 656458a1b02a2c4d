from __future__ import annotations

from typing import Any

import pytest

from builders import project
from supamanager_kube import kinds, labels
from supamanager_kube.conditions import Reason
from supamanager_operator import ownership
from supamanager_operator.errors import Stalled

PROJECT = project({})
OURS = {labels.PROJECT: PROJECT.metadata.name}


def owner(uid: str, *, kind: str = labels.KIND, name: str = PROJECT.metadata.name) -> Any:
    return {"ownerReferences": [{"kind": kind, "name": name, "uid": uid}]}


@pytest.mark.parametrize(
    ("metadata", "belongs", "left_behind"),
    [
        ({}, False, False),
        ({"labels": OURS}, True, False),
        ({"labels": {labels.PROJECT: "other"}}, False, False),
        (owner(PROJECT.metadata.uid), True, False),
        ({"labels": OURS} | owner("earlier"), False, True),
        ({"labels": OURS} | owner("x", kind="Deployment"), False, False),
        ({"labels": OURS} | owner("x", name="other"), False, False),
        ({"deletionTimestamp": "2026-01-01T00:00:00Z"}, False, True),
    ],
)
def test_an_object_is_ours_somebody_elses_or_on_its_way_out(
    metadata: dict[str, Any], belongs: bool, left_behind: bool
) -> None:
    live = {"metadata": {"name": "demo-gateway", **metadata}}
    assert ownership.belongs(live, PROJECT) is belongs
    assert ownership.left_behind(live, PROJECT) is left_behind


def test_what_is_somebody_elses_is_named() -> None:
    with pytest.raises(Stalled, match=r"^Secret mine exists and does not belong") as refusal:
        ownership.check(kinds.SECRET, {"metadata": {"name": "mine"}}, PROJECT)
    assert refusal.value.reason is Reason.NAME_CONFLICT
