from __future__ import annotations

import re

import pytest

from supamanager_api.organizations import slugs


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("Acme", "acme-"),
        ("Ünï & Söhne GmbH", "uni-sohne-gmbh-"),
        ("3M", "m-"),
        ("42", "org-"),
        ("株式会社", "org-"),
        ("--- a ---", "a-"),
        ("", "org-"),
    ],
)
def test_resembles_the_name(name: str, beginning: str):
    assert slugs.draw(name).rpartition("-")[0] + "-" == beginning


@pytest.mark.parametrize("name", ["x" * 500, "a-" * 200, "A b" * 100, "é" * 300])
def test_is_a_label(name: str):
    slug = slugs.draw(name)
    assert re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", slug)
    assert len(slug) <= 49


def test_differs_each_time():
    assert len({slugs.draw("Acme") for _ in range(200)}) == 200
