from __future__ import annotations

import pytest

from supamanager_api import permissions
from supamanager_api.permissions import Grant, Permission, Policy, Role

PAUSE = Permission("infra:Execute", "queue_jobs.projects.pause")
CREATE = Permission("write:Create", "projects")
RENAME = Permission("write:Update", "organizations")
READ = Permission("read:Read", "projects")
KEYS = Permission("read:Read", "service_api_keys")
REBOOT = Permission("infra:Execute", "reboot")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.OWNER, {PAUSE, CREATE, RENAME, READ, KEYS, REBOOT}),
        (Role.ADMINISTRATOR, {PAUSE, CREATE, READ, KEYS, REBOOT}),
        (Role.DEVELOPER, {READ, KEYS, REBOOT}),
        (Role.READ_ONLY, {READ}),
    ],
)
def test_default_roles(role: Role, allowed: set[Permission]):
    asked = {PAUSE, CREATE, RENAME, READ, KEYS, REBOOT}
    assert {item for item in asked if permissions.DEFAULTS.allows(role, item)} == allowed


def test_every_role_has_grants():
    assert set(permissions.DEFAULTS.grants) == set(Role)


def test_a_role_without_grants_may_nothing():
    assert not Policy({}).allows(Role.OWNER, READ)


def test_a_restrictive_grant_wins_in_any_order():
    wide = Grant(("%",), ("%",))
    narrow = Grant(("read:Read",), ("projects",), restrictive=True)
    for grants in ((wide, narrow), (narrow, wide)):
        assert not Policy({Role.OWNER: grants}).allows(Role.OWNER, READ)
        assert Policy({Role.OWNER: grants}).allows(Role.OWNER, KEYS)


def test_a_restrictive_grant_allows_nothing():
    policy = Policy({Role.OWNER: (Grant(("%",), ("organizations",), restrictive=True),)})
    assert not policy.allows(Role.OWNER, READ)


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("%", "tenant:Sql:Query", True),
        ("tenant:Sql:%", "tenant:Sql:Query", True),
        ("tenant:Sql:%", "tenant:Sql:Write:Delete", True),
        ("tenant:Sql:%", "xtenant:Sql:Query", False),
        ("read:Read", "read:Reader", False),
        ("read.Read", "read:Read", False),
        ("%:Read", "functions:Secret:Read", True),
    ],
)
def test_patterns(pattern: str, action: str, matches: bool):
    assert Grant((pattern,), ("%",)).matches(Permission(action, "x")) is matches


def test_patterns_are_safe_in_the_browser():
    # Studio replaces only the first `%` and escapes only the first `.` of a pattern.
    for grants in permissions.DEFAULTS.grants.values():
        for grant in grants:
            for pattern in (*grant.actions, *grant.resources):
                assert pattern.count("%") <= 1
                assert pattern.count(".") <= 1
                assert not set(pattern) & set("*+?()[]{}|^$\\")
