from __future__ import annotations

import json
from typing import Any

import pytest

from supamanager_api import errors
from supamanager_api.projects import apikeys

REF = "a" * 20
ENTRY = {"id": "1", "name": "default", "type": "secret", "state": "active"}


def test_a_key_without_its_value_is_not_told():
    assert apikeys.listed({"api-keys": json.dumps([ENTRY])}) == []
    assert apikeys.listed({}) == apikeys.signing_keys({}, ref=REF) == []


def test_what_is_masked():
    [key] = apikeys.listed({"api-keys": json.dumps([ENTRY]), "secret-1": "sb_secret_abcdefghij"})
    assert key.powerful
    assert key.masked == "sb_secret_abcde" + "·" * 15
    assert "fghij" not in key.masked


@pytest.mark.parametrize("value", ["x", "{}x", "[1]", '[{"id": "1"}]', "7"])
def test_a_list_of_another_form_is_named(value: str):
    with pytest.raises(errors.Conflict, match="api-keys of the Secret"):
        apikeys.listed({"api-keys": value})


@pytest.mark.parametrize("value", ["x", "[]", "{}", '{"keys": [7]}', '{"keys": [{"kty": "oct"}]}'])
def test_a_key_set_of_another_form_is_named(value: Any):
    with pytest.raises(errors.Conflict, match="jwks of the Secret"):
        apikeys.signing_keys({"jwks": value}, ref=REF)
