"""Patterns of URLs are refused before the auth service stumbles over them."""

from __future__ import annotations

import pytest

import crd
from supamanager_api.projects.authconfig import PATTERN


def test_the_pattern_is_the_definitions() -> None:
    auth = crd.schema()["properties"]["spec"]["properties"]["auth"]["properties"]
    [rule] = auth["redirectURLs"]["items"]["x-kubernetes-validations"]
    assert f"self.matches(r'{PATTERN.pattern}')" in rule["rule"]


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("https://*.a.test/**", True),
        ("http://[::1]:3000/{a}/}]?", True),
        ("https://a.test/[a-f][!0-9][1-9][A-Z][abc-]\\[", True),
        ("https://a.test/\\", True),
        ("https://a.test/[", False),
        ("https://a.test/[]", False),
        ("https://a.test/[]a]", False),
        ("https://a.test/[!]", False),
        ("https://a.test/[a\\]", False),
        ("https://a.test/[9-0]", False),
        ("https://a.test/[a-bc]", False),
        ("https://a.test/[\\-]", False),
        ("[" * 100_000, False),
        ("[a" * 100_000, False),
    ],
)
def test_sets_of_characters_are_whole(text: str, taken: bool) -> None:
    assert bool(PATTERN.match(text)) is taken
