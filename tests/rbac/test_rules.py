"""The rule lists are what the processes use: no more, no less.

Comes last in the suite: the audit log then holds what all other tests made the processes do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from audit import AuditLog, Request

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane

UNUSED = yaml.safe_load((Path(__file__).parent / "unused.yaml").read_text())
ACCOUNTS = ("supamanager-operator", "supamanager-api")


def granted(account: str) -> set[str]:
    from supamanager_dev import rbac

    rules = rbac.load(rbac.RULES[account])
    return {
        f"{group or 'core'}/{resource} {verb}"
        for rule in (*rules["clusterRole"], *rules["projectsRole"])
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def asked(requests: list[Request]) -> set[str]:
    return {f"{request.group or 'core'}/{request.resource} {request.verb}" for request in requests}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_rule_is_used_and_every_use_has_a_rule(
    control_plane: ControlPlane, account: str
) -> None:
    log = AuditLog(control_plane.audit_log, account=account)
    log.rewind()
    requests = log.requests()
    assert len(requests) > 500, "this test needs the whole suite's audit log: run `make test`"
    excused = {entry["rule"] for entry in UNUSED[account]}
    assert all(entry["reason"] for entry in UNUSED[account])
    assert asked(requests) - granted(account) == set()
    assert granted(account) - asked(requests) == excused


@pytest.mark.parametrize("account", ACCOUNTS)
def test_a_refusal_comes_only_from_a_namespace_that_ends(
    control_plane: ControlPlane, account: str
) -> None:
    """A namespace that is being deleted takes Roles away and lets nothing be created."""
    log = AuditLog(control_plane.audit_log, account=account)
    log.rewind()
    living = {item["metadata"]["name"] for item in control_plane.get("namespaces")["items"]}
    refused = [
        request
        for request in log.requests()
        if request.code == 403 and request.namespace in living | {""}
    ]
    terminating = {
        item["metadata"]["name"]
        for item in control_plane.get("namespaces")["items"]
        if "deletionTimestamp" in item["metadata"]
    }
    assert [r for r in refused if r.namespace not in terminating] == []
