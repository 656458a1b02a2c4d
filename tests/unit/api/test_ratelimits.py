from __future__ import annotations

import pytest

from supamanager_api import ratelimits


def test_changed_rules():
    changed = ratelimits.parse('{"sign-in": [3, 0.5]}')
    assert changed == {"sign-in": ratelimits.Rule("sign-in", 3, 0.5)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "must be an object"),
        ('{"nothing": [1, 1]}', "has no rule 'nothing'; there are sign-in"),
        ('{"sign-in": [0, 1]}', "sign-in must be"),
        ('{"sign-in": [1, 0]}', "sign-in must be"),
        ('{"sign-in": [true, 1e9]}', "sign-in must be"),
        ('{"sign-in": 5}', "sign-in must be"),
    ],
)
def test_what_is_no_rule(text: str, words: str):
    with pytest.raises(ValueError, match=words):
        ratelimits.parse(text)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        (None, "unknown"),
        ("unix:/x", "unknown"),
    ],
)
def test_what_counts_as_one_address(address: str | None, network: str):
    assert ratelimits.network(address) == network
