from __future__ import annotations

import pytest

from supamanager_api.projects import intents

DOCUMENT = {
    "metadata": {"labels": {"supamanager.io/ref": "x"}},
    "spec": {
        "paused": True,
        "http": {"host": "a.test"},
        "placement": {"nodeSelector": {"topology.kubernetes.io/region": "eu"}, "tolerations": [{}]},
        "services": {},
    },
}


def test_fields():
    assert intents.fields(DOCUMENT) == {
        "metadata.labels.supamanager.io/ref",
        "spec.paused",
        "spec.http.host",
        "spec.placement.nodeSelector.topology.kubernetes.io/region",
        "spec.placement.tolerations",
        "spec.services",
    }


def test_leaves_build_the_document_again():
    assert intents.build(intents.leaves(DOCUMENT)) == DOCUMENT


@pytest.mark.parametrize(
    ("field", "other", "touched"),
    [
        ("spec.paused", "spec.paused", True),
        ("spec.http", "spec.http.host", True),
        ("spec.http.host", "spec.http", True),
        ("spec.placement.tolerations[0].key", "spec.placement.tolerations", True),
        ("spec.pause", "spec.paused", False),
        ("spec.http.host", "spec.http.scheme", False),
    ],
)
def test_touches(field, other, touched):
    assert intents.touches(field, other) is touched


def test_without():
    rest = intents.without(DOCUMENT, ["spec.http.host", "metadata.labels.supamanager.io/ref"])
    assert rest == {"spec": {k: v for k, v in DOCUMENT["spec"].items() if k != "http"}}
    assert intents.without(DOCUMENT, ["spec.http"])["spec"].get("http") is None
    assert intents.without(DOCUMENT, []) == DOCUMENT


def test_only():
    assert intents.only(DOCUMENT, ["spec.http", "spec.paused"]) == {
        "spec": {"paused": True, "http": {"host": "a.test"}}
    }
    assert intents.only(DOCUMENT, []) == {}


def test_merged():
    before = {"spec": {"http": {"host": "a"}, "paused": True}}
    after = intents.merged(before, {"spec": {"http": {"scheme": "http"}, "paused": False}})
    assert after == {"spec": {"http": {"host": "a", "scheme": "http"}, "paused": False}}
    assert before == {"spec": {"http": {"host": "a"}, "paused": True}}
    assert intents.merged({}, {"spec": {"paused": True}}) == {"spec": {"paused": True}}


def test_changed():
    before = {"spec": {"a": 1, "b": {"c": 2}, "gone": 3}}
    after = {"spec": {"a": 1, "b": {"c": 3}, "new": 4}}
    assert intents.changed(before, after) == {"spec.b.c", "spec.gone", "spec.new"}
    assert intents.changed(before, before) == set()


def test_restored():
    old = {"spec": {"a": 1, "b": 2}}
    new = {"spec": {"a": 5, "b": 6, "c": 7}}
    assert intents.restored(new, ["spec.a", "spec.c"], to=old) == {"spec": {"a": 1, "b": 6}}
    assert intents.restored({"spec": {"c": 7}}, ["spec.c"], to={}) == {}


def test_the_servers_names_of_fields():
    assert intents.normal(".spec.paused") == intents.normal("spec.paused") == "spec.paused"
