from __future__ import annotations

import pytest

from supamanager_api import permissions
from supamanager_api.permissions import Grant, Held, Permission, Policy, Role

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
    assert {item for item in asked if permissions.DEFAULTS.allows([Held(role)], item)} == allowed


def test_every_role_has_grants():
    assert set(permissions.DEFAULTS.grants) == set(Role)


def test_a_role_without_grants_may_nothing():
    assert not Policy({}).allows([Held(Role.OWNER)], READ)


def test_a_restrictive_grant_wins_in_any_order():
    wide = Grant(("%",), ("%",))
    narrow = Grant(("read:Read",), ("projects",), restrictive=True)
    for grants in ((wide, narrow), (narrow, wide)):
        assert not Policy({Role.OWNER: grants}).allows([Held(Role.OWNER)], READ)
        assert Policy({Role.OWNER: grants}).allows([Held(Role.OWNER)], KEYS)


def test_a_restrictive_grant_allows_nothing():
    policy = Policy({Role.OWNER: (Grant(("%",), ("organizations",), restrictive=True),)})
    assert not policy.allows([Held(Role.OWNER)], READ)


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


HERS = "a" * 20
OTHER = "b" * 20


def test_a_role_in_a_project_counts_there_only():
    roles = [Held(Role.DEVELOPER, frozenset({HERS}))]
    allows, anywhere = permissions.DEFAULTS.allows, permissions.DEFAULTS.allows_anywhere
    assert allows(roles, KEYS, ref=HERS)
    assert not allows(roles, KEYS, ref=OTHER)
    assert not allows(roles, KEYS)
    assert anywhere(roles, KEYS)
    assert not anywhere(roles, CREATE)


def test_what_matches_in_the_project_decides_alone():
    """As Studio: a role in the project takes away from the wider one, where it says anything."""
    roles = [Held(Role.DEVELOPER), Held(Role.READ_ONLY, frozenset({HERS}))]
    allows = permissions.DEFAULTS.allows
    assert not allows(roles, KEYS, ref=HERS)
    assert allows(roles, KEYS, ref=OTHER)
    assert allows(roles, REBOOT, ref=HERS)


INVITE = Permission("write:Create", "user_invites")
REMOVE = Permission("write:Delete", "auth.subject_roles")
SNIPPET = Permission("write:Update", "user_content")


def data(subject: int = 7, **resource: object) -> dict[str, object]:
    return {"resource": resource, "subject": {"id": subject, "gotrue_id": f"id-{subject}"}}


def test_an_administrator_makes_no_owner():
    allows, roles = permissions.DEFAULTS.allows, [Held(Role.ADMINISTRATOR)]
    for permission in (INVITE, REMOVE, Permission("write:Create", "auth.subject_roles")):
        assert not allows(roles, permission, data=data(role_id=1))
        assert allows(roles, permission, data=data(role_id=2))
        assert allows(roles, permission, data=None)


@pytest.mark.parametrize("role", [Role.DEVELOPER, Role.READ_ONLY])
def test_what_is_ones_own(role: Role):
    def allows(permission: Permission, told: object) -> bool:
        return permissions.DEFAULTS.allows([Held(role)], permission, data=told)

    assert allows(REMOVE, data(subject_id="id-7", role_id=3))
    assert not allows(REMOVE, data(subject_id="id-8", role_id=3))
    assert allows(SNIPPET, data(owner_id=7))
    assert not allows(SNIPPET, data(owner_id=8))
    for permission in (REMOVE, SNIPPET):
        assert allows(permission, None)
        assert not allows(permission, {})
        assert not permissions.DEFAULTS.allows([Held(role)], permission)


def test_a_given_table_replaces_the_grants_of_its_roles():
    given = permissions.parse(
        '{"Developer": [{"actions": ["read:%"], "resources": ["%"], '
        '"condition": {"!": [{"==": [{"var": "resource.type"}, "x"]}]}}]}'
    )
    assert given.grants[Role.OWNER] == permissions.DEFAULTS.grants[Role.OWNER]
    assert given.allows([Held(Role.DEVELOPER)], READ)
    assert not given.allows([Held(Role.DEVELOPER)], READ, data={"resource": {"type": "x"}})
    assert not given.allows([Held(Role.DEVELOPER)], REBOOT)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"Boss": []}',
        '{"Owner": [{"actions": ["*"], "resources": ["%"]}]}',
        '{"Owner": [{"actions": ["%%"], "resources": ["%"]}]}',
        '{"Owner": [{"actions": ["a.b.c"], "resources": ["%"]}]}',
        '{"Owner": [{"actions": [""], "resources": ["%"]}]}',
        '{"Owner": [{"actions": ["%"], "resources": ["%"], "more": 1}]}',
        '{"Owner": [{"actions": ["%"], "resources": ["%"], "condition": {"<": [1, 2]}}]}',
        '{"Owner": [{"actions": ["%"], "resources": ["%"], "condition": {"==": [1]}}]}',
        '{"Owner": [{"actions": ["%"], "resources": ["%"], "condition": {}}]}',
        '{"Owner": [{"actions": ["%"], "resources": ["%"], "condition": {"var": 3}}]}',
    ],
)
def test_a_table_that_cannot_be_meant(text: str):
    with pytest.raises(ValueError, match="PERMISSIONS"):
        permissions.parse(text)
