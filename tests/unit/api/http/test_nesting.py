"""JSON that is nested too deep is refused where it is read."""

from __future__ import annotations

import json

import pytest
from fastapi import HTTPException

from supamanager_api.http import nesting


@pytest.mark.parametrize("inner", ["", "1", '{"a": 1}, []'])
def test_as_deep_as_it_may_be(inner: str) -> None:
    outer = nesting.DEEPEST - inner.count("{")
    text = "[" * outer + inner + "]" * outer
    assert nesting.read(text.encode()) == json.loads(text)
    with pytest.raises(HTTPException) as refused:
        nesting.read(f'{{"a": {text}}}'.encode())
    assert refused.value.status_code == 400


def test_deeper_than_anything_can_read() -> None:
    with pytest.raises(HTTPException, match="deeper than 100"):
        nesting.read(b"[" * 500_000)


def test_what_is_no_json_stays_so() -> None:
    with pytest.raises(json.JSONDecodeError):
        nesting.read(b"{")
