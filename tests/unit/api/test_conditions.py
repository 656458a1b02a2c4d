from __future__ import annotations

from typing import Any

import pytest

from supamanager_api import conditions

DATA = {"resource": {"role_id": 1, "tags": ["a", "b"], "none": None}, "subject": {"id": 1}}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"==": [{"var": "resource.role_id"}, 1]}, True),
        ({"===": [{"var": "resource.role_id"}, {"var": "subject.id"}]}, True),
        ({"==": [{"var": "resource.role_id"}, "1"]}, False),
        ({"==": [1, True]}, False),
        ({"!==": [{"var": "resource.role_id"}, 2]}, True),
        ({"!=": [{"var": "resource.role_id"}, 1]}, False),
        ({"==": [{"var": "resource.unknown.deeper"}, None]}, True),
        ({"==": [{"var": "resource.role_id.deeper"}, None]}, True),
        ({"!": {"var": "resource.none"}}, True),
        ({"!": [{"var": "resource.role_id"}]}, False),
        ({"and": [{"var": "subject.id"}, {"var": "resource.none"}]}, False),
        ({"or": [{"var": "resource.none"}, {"var": "subject.id"}]}, True),
        ({"in": ["a", {"var": "resource.tags"}]}, True),
        ({"in": ["c", {"var": "resource.tags"}]}, False),
        ({"in": ["b", "abc"]}, True),
        ({"in": [1, "abc"]}, False),
        ({"in": ["a", {"var": "resource.none"}]}, False),
        ({"var": "resource.tags"}, True),
    ],
)
def test_what_holds(rule: dict[str, Any], expected: bool):
    conditions.check(rule)
    assert conditions.holds(rule, DATA) is expected


@pytest.mark.parametrize(
    "rule",
    [{}, {"a": 1, "b": 2}, {"<": [1, 2]}, {"in": [1]}, {"and": 1}, {"var": ""}, {"var": [1]}],
)
def test_what_is_no_rule(rule: dict[str, Any]):
    with pytest.raises(ValueError, match=r".+"):
        conditions.check(rule)
