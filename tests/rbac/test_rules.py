"""The rule lists are what the processes use: no more, no less.

`make test` runs this after all other tests, on the audit logs of their control planes.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from audit import AuditLog, Request

UNUSED = yaml.safe_load((Path(__file__).parent / "unused.yaml").read_text())
ACCOUNTS = ("supamanager-operator", "supamanager-api")
LOGS = "SUPAMANAGER_TEST_AUDIT_LOGS"


@pytest.fixture(scope="session")
def logs() -> list[Path]:
    """The audit logs that the suite left."""
    found = sorted(Path(os.environ.get(LOGS, os.devnull)).glob("*.log"))
    assert found, f"{LOGS} names no folder with audit logs: run `make test`"
    return found


def requests_of(logs: list[Path], account: str) -> list[Request]:
    requests = []
    for path in logs:
        log = AuditLog(path, account=account)
        log.rewind()
        # A test that tries an account's rights out does so with kubectl, or in a namespace of
        # Kubernetes' own.
        requests += [
            each
            for each in log.requests()
            if not each.agent.startswith("kubectl") and not each.namespace.startswith("kube-")
        ]
    assert len(requests) > 500, "the logs do not hold the whole suite"
    return requests


def granted(account: str) -> set[str]:
    from supamanager_dev import rbac

    rules = rbac.load(rbac.RULES[account])
    return {
        f"{scope} {group or 'core'}/{resource} {verb}"
        for scope, entries in rules.items()
        for rule in entries
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def asked(requests: list[Request]) -> set[str]:
    return {
        f"{scope_of(request)} {request.group or 'core'}/{request.resource} {request.verb}"
        for request in requests
    }


def scope_of(request: Request) -> str:
    """The rule list that has to grant it."""
    from supamanager_dev import rbac

    if not request.namespace:
        return "clusterRole"
    return "ownRole" if request.namespace == rbac.NAMESPACE else "projectsRole"


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_rule_is_used_and_every_use_has_a_rule(logs: list[Path], account: str) -> None:
    """Each in its scope: a rule for the whole cluster covers no request in a namespace, unless
    that is said with a reason."""
    requests = asked(requests_of(logs, account))
    entries = UNUSED[account]
    assert all(entry["reason"] for entry in entries)
    covered = {use for entry in entries for use in entry.get("covers", ())}
    assert requests - granted(account) <= covered
    assert granted(account) - requests == {entry["rule"] for entry in entries}
