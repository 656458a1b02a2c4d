from __future__ import annotations

import pytest

from supamanager_api import errors
from supamanager_api.accounts import emails


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("ann@example.com", "ann@example.com"),
        ("  Ann.Lee+x@Example.COM ", "ann.lee+x@example.com"),
        ("root@localhost", "root@localhost"),
        ("o'neill@sub.example.co.uk", "o'neill@sub.example.co.uk"),
        ("jörg@münchen.de", "jörg@münchen.de"),
        ("jo\u0308rg@example.com", "jörg@example.com"),
    ],
)
def test_normalized(given: str, stored: str):
    assert emails.normalize(given) == stored


@pytest.mark.parametrize(
    "given",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "a b@example.com",
        "ann@exam ple.com",
        "ann@@example.com",
        "ann@.example.com",
        "ann@example..com",
        "ann@example.com\0",
        "ann\n@example.com",
        "<ann@example.com>",
        "a" * 65 + "@example.com",
        "ann@" + "e" * 255,
    ],
)
def test_refused(given: str):
    with pytest.raises(errors.Invalid):
        emails.normalize(given)
