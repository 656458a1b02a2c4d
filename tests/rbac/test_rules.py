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
        # A test that tries an account's rights out does so with kubectl.
        requests += [each for each in log.requests() if not each.agent.startswith("kubectl")]
    assert len(requests) > 500, "the logs do not hold the whole suite"
    return requests


def granted(account: str) -> set[str]:
    from supamanager_dev import rbac

    rules = rbac.load(rbac.RULES[account])
    return {
        f"{group or 'core'}/{resource} {verb}"
        for scope in rules.values()
        for rule in scope
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def asked(requests: list[Request]) -> set[str]:
    return {f"{request.group or 'core'}/{request.resource} {request.verb}" for request in requests}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_rule_is_used_and_every_use_has_a_rule(logs: list[Path], account: str) -> None:
    requests = asked(requests_of(logs, account))
    assert all(entry["reason"] for entry in UNUSED[account])
    assert requests - granted(account) == set()
    assert granted(account) - requests == {entry["rule"] for entry in UNUSED[account]}
