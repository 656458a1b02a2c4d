from __future__ import annotations

import pytest

from supamanager_api.accounts.codes import Codes

STUDIO = "https://studio.test"
CODES = Codes("s" * 40, api_url="https://api.test", studio_url=STUDIO)


def test_codes_belong_to_their_address():
    drawn = CODES.draw("a@example.test")
    assert len(drawn.code) == 6
    assert drawn.code.isdigit()
    assert CODES.hash("a@example.test", f" {drawn.code} ") == drawn.code_hash
    assert CODES.hash("b@example.test", drawn.code) != drawn.code_hash
    other = Codes("t" * 40, api_url="https://api.test", studio_url=STUDIO)
    assert other.hash("a@example.test", drawn.code) != drawn.code_hash


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        (None, STUDIO),
        ("", STUDIO),
        (f"{STUDIO}/reset-password", f"{STUDIO}/reset-password"),
        (f"{STUDIO}?x=1", f"{STUDIO}?x=1"),
        (STUDIO, STUDIO),
        ("https://evil.test", STUDIO),
        (f"{STUDIO}.evil.test/", STUDIO),
        (f"{STUDIO}@evil.test/", STUDIO),
        (f"{STUDIO}:8443/", STUDIO),
        ("//evil.test", STUDIO),
        ("javascript:alert(1)", STUDIO),
    ],
)
def test_links_lead_to_studio_only(asked: str | None, target: str):
    assert CODES.target(asked) == target
