from __future__ import annotations

from supamanager_api.projects import specchange


def test_values_of_variables_are_not_shown():
    spec = {
        "size": "small",
        "services": {"rest": {"env": [{"name": "A", "value": "secret"}]}, "auth": {}},
    }
    shown = specchange.shown(spec)
    assert shown["services"]["rest"]["env"] == [{"name": "A", "value": "hidden"}]
    assert spec["services"]["rest"]["env"][0]["value"] == "secret"


def test_what_postgresql_cannot_hold_is_replaced():
    assert specchange.shown({"a\0": ["b\0", {"c": "\0"}]}) == {
        "a\ufffd": ["b\ufffd", {"c": "\ufffd"}]
    }


def test_only_what_differs_is_told():
    before = {"size": "small", "auth": {"phone": True}, "paused": False}
    after = {"size": "micro", "paused": False, "rest": {"schemas": ["public"]}}
    assert specchange.between(before, after) == {
        "before": {"spec.size": "small", "spec.auth.phone": True},
        "after": {"spec.size": "micro", "spec.rest.schemas": ["public"]},
    }
    assert specchange.between(after, after) is None
    assert specchange.between({}, {"size": "micro"}) == {
        "before": {},
        "after": {"spec.size": "micro"},
    }


def test_what_is_told_is_bounded():
    many = {f"field{number:04}": "x" for number in range(1000)}
    told = specchange.between({}, {**many, "a": "y" * 2000})
    assert told is not None
    assert len(told["after"]) == 100
    assert told["after"]["spec.a"] == "too long to be told"
