from __future__ import annotations

import pytest

from supamanager_api.content import quotas
from supamanager_api.content.quotas import DEFAULT, Quota


def test_what_is_left_out_keeps_its_default() -> None:
    found = quotas.parse('{"items": 5, "bytes": "1Gi", "own_bytes": null}')
    assert found == Quota(items=5, bytes=2**30, own_bytes=None)
    assert quotas.parse("{}") == quotas.parse(quotas.TOLD) == DEFAULT


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "must be a JSON object"),
        ('{"rows": 1}', "rows: there is no such limit"),
        ('{"items": "many"}', "items: 'many' is no quantity"),
        ('{"items": "500m"}', "no quantity that can be counted"),
        ('{"items": true}', "items: True is no quantity"),
    ],
)
def test_what_cannot_be_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        quotas.parse(text)
