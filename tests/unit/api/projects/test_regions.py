from __future__ import annotations

import json

import pytest

from supamanager_api.projects import regions

TEXT = json.dumps(
    {
        "eu-1": {"name": "Europe", "nodeSelector": {"zone": "eu"}, "storageClass": "fast"},
        "us-1": {"name": "America", "nodeSelector": {"zone": "us"}},
        "any": {"name": "Anywhere"},
    }
)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("eu-1", "eu-1"), ("EU-1", "eu-1"), ("europe", "eu-1"), ("America", "us-1"), (None, "eu-1"),
     ("", "eu-1"), ("Mars", None)],
)  # fmt: skip
def test_find(wanted, code):
    found = regions.find(regions.parse(TEXT), wanted)
    assert (found and found.code) == code


def test_a_region_is_a_part_of_the_spec():
    table = regions.parse(TEXT)
    assert table["eu-1"].spec() == {
        "placement": {"nodeSelector": {"zone": "eu"}},
        "database": {"managed": {"storage": {"className": "fast"}}},
        "storage": {"file": {"className": "fast"}},
    }
    assert table["us-1"].spec() == {"placement": {"nodeSelector": {"zone": "us"}}}
    assert table["any"].spec() == {}


@pytest.mark.parametrize(
    ("selector", "code"),
    [({"zone": "us", "x": "y"}, "us-1"), ({"zone": "asia"}, "any"), ({}, "any")],
)
def test_locate(selector, code):
    assert regions.locate(regions.parse(TEXT), selector).code == code


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not JSON"),
        ("{}", "names no region"),
        ("[]", "REGIONS"),
        ('{"a": {}}', "a.name"),
        ('{"a": {"name": "A", "nodeselector": {}}}', "a.nodeselector"),
        ('{"a": {"name": "A", "nodeSelector": {"k": 1}}}', "a.nodeSelector.k"),
    ],
)
def test_what_is_wrong_is_told(text, problem):
    with pytest.raises(ValueError, match=problem):
        regions.parse(text)


def test_the_default():
    table = regions.parse(regions.DEFAULT)
    assert [region.spec() for region in table.values()] == [{}]
