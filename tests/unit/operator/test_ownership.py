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
    ("metadata", "belongs", "left_behind", "free"),
    [
        ({}, False, False, True),
        ({"labels": {"app": "shop"}}, False, False, True),
        ({"labels": OURS}, True, False, False),
        ({"labels": {labels.PROJECT: "other"}}, False, False, False),
        (owner(PROJECT.metadata.uid), True, False, False),
        (owner("x", kind="Deployment"), False, False, False),
        ({"labels": OURS} | owner("earlier"), False, True, False),
        ({"labels": OURS} | owner("x", kind="Deployment"), False, False, False),
        ({"labels": OURS} | owner("x", name="other"), False, False, False),
        ({"deletionTimestamp": "2026-01-01T00:00:00Z"}, False, True, False),
    ],
)
def test_an_object_is_ours_somebody_elses_on_its_way_out_or_nobodys(
    metadata: dict[str, Any], belongs: bool, left_behind: bool, free: bool
) -> None:
    live = {"metadata": {"name": "demo-gateway", **metadata}}
    assert ownership.belongs(live, PROJECT) is belongs
    assert ownership.left_behind(live, PROJECT) is left_behind
    assert ownership.free(live) is free


def test_what_is_somebody_elses_is_named() -> None:
    with pytest.raises(Stalled, match=r"^Secret mine exists and does not belong") as refusal:
        ownership.check(kinds.SECRET, {"metadata": {"name": "mine"}}, PROJECT)
    assert refusal.value.reason is Reason.NAME_CONFLICT
