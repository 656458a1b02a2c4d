from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import jwt
import pytest
from jwt.algorithms import ECAlgorithm

from supamanager_kube import secrets as layout
from supamanager_operator import keys
from supamanager_operator.credentials import database, jwt_keys, simple
from supamanager_operator.errors import Stalled


def made_keys() -> dict[str, str]:
    return jwt_keys.complete("demo-keys", {})


def test_every_key_of_the_layout_is_made() -> None:
    found = {
        "keys": made_keys(),
        "database": database.complete("demo", "team", data={}, inputs={}),
        "dashboard": simple.complete("dashboard", "demo-dashboard", {}),
        "internal": simple.complete("internal", "demo-internal", {}),
    }
    for suffix, data in found.items():
        spec = layout.SECRETS[suffix]
        assert set(spec.keys) <= data.keys()
        assert all(spec.has(key) for key in data)
        assert all(data.values())


def test_nothing_that_exists_is_made_again() -> None:
    first = made_keys()
    assert jwt_keys.complete("demo-keys", first) == first
    stored = database.complete("demo", "team", data={}, inputs={})
    assert (
        database.complete("demo", "team", data=stored, inputs={"database-password": "x"}) == stored
    )
    internal = simple.complete("internal", "n", {})
    assert simple.complete("internal", "n", internal) == internal


def test_legacy_keys_are_what_clients_expect() -> None:
    data = made_keys()
    for key, role in (("anon-key", "anon"), ("service-role-key", "service_role")):
        assert jwt.get_unverified_header(data[key]) == {"alg": "HS256", "typ": "JWT"}
        claims = jwt.decode(data[key], data["jwt-secret"], algorithms=["HS256"])
        assert claims["role"] == role
        assert claims["iss"] == "supabase"
        assert claims["exp"] - claims["iat"] == 157_680_000


def test_asymmetric_keys_verify_with_the_public_set_alone() -> None:
    data = made_keys()
    public, symmetric = json.loads(data["jwks"])["keys"]
    assert "d" not in public
    assert public["key_ops"] == ["verify"]
    assert base64.urlsafe_b64decode(symmetric["k"] + "==").decode() == data["jwt-secret"]
    private, other = json.loads(data["jwt-keys"])
    assert private["key_ops"] == ["sign", "verify"]
    assert "sign" not in other["key_ops"]
    for key in ("anon-key-asymmetric", "service-role-key-asymmetric"):
        assert jwt.get_unverified_header(data[key])["kid"] == public["kid"]
        jwt.decode(data[key], ECAlgorithm.from_jwk(public), algorithms=["ES256"])


def test_opaque_keys_have_the_published_form() -> None:
    data = made_keys()
    for entry in json.loads(data["api-keys"]):
        value = data[f"{entry['type']}-{entry['id']}"]
        head, separator, checksum = value[:-9], value[-9], value[-8:]
        assert separator == "_"
        assert value.startswith(f"sb_{entry['type']}_")
        assert len(head) == len(f"sb_{entry['type']}_") + 22
        digest = hashlib.sha256(f"supabase-self-hosted|{head}".encode()).digest()
        assert checksum == base64.urlsafe_b64encode(digest).decode()[:8]
    assert all("value" not in key for key in jwt_keys.api_keys(data))


def test_a_secret_of_the_users_own_is_derived_from() -> None:
    secret = "s" * 40
    data = jwt_keys.complete("demo-keys", {"jwt-secret": secret})
    assert data["jwt-secret"] == secret
    jwt.decode(data["anon-key"], secret, algorithms=["HS256"])


OTHER = "o" * 40


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"jwt-secret": "short"}, "jwt-secret has fewer than 32 characters"),
        ({"jwt-secret": OTHER}, "jwt-keys does not hold jwt-secret"),
        ({"anon-key": "a.b.c"}, "anon-key is not signed with jwt-secret"),
        ({"anon-key": keys.sign_legacy("anon", secret=OTHER, issued_at=1)}, "is not signed with"),
        ({"jwt-keys": "[]"}, "exactly one of which signs"),
        ({"jwt-keys": "{"}, "not a JSON array"),
        ({"jwks": '{"keys":[]}'}, "jwks does not hold"),
        ({"api-keys": "no"}, "api-keys is not a JSON list"),
        ({"api-keys": "[]"}, "no active key of type publishable"),
        ({"api-keys": "{}"}, "api-keys is not a JSON list"),
        ({"api-keys": "5"}, "api-keys is not a JSON list"),
        ({"api-keys": '["text"]'}, "api-keys is not a JSON list"),
    ],
)
def test_what_does_not_fit_together_is_refused(changes: dict[str, str], complaint: str) -> None:
    data = made_keys()
    with pytest.raises(Stalled, match=complaint) as refusal:
        jwt_keys.complete("demo-keys", {**data, **changes})
    assert "demo-keys" in refusal.value.message
    for value in (*data.values(), *changes.values()):
        assert len(value) < 6 or value not in refusal.value.message


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": 5}, "of entry 0 are not text"),
        ({"name": None}, "of entry 0 are not text"),
        ({"id": ["x"]}, "of entry 0 are not text"),
        ({"type": {}}, "of entry 0 are not text"),
        ({"id": ""}, "the id of entry 0 cannot end a key"),
        ({"id": "a b"}, "the id of entry 0 cannot end a key"),
        ({"state": "lost"}, "has an unknown type or state"),
    ],
)
def test_a_listed_key_is_text(changes: dict[str, Any], complaint: str) -> None:
    data = made_keys()
    [first, *others] = json.loads(data["api-keys"])
    listed = json.dumps([{**first, **changes}, *others])
    with pytest.raises(Stalled, match=complaint):
        jwt_keys.complete("demo-keys", {**data, "api-keys": listed})


@pytest.mark.parametrize(
    "value", ["", "sb_publishable_", "sb_secret_x", "x y", "sb_publishable_x\n", "eyJ.a.b"]
)
def test_a_key_without_the_form_of_one_is_refused(value: str) -> None:
    data = made_keys()
    name = f"publishable-{json.loads(data['api-keys'])[0]['id']}"
    with pytest.raises(Stalled, match=f"{name} is not sb_publishable_ and then") as refusal:
        jwt_keys.complete("demo-keys", {**data, name: value})
    assert not value.strip() or value not in refusal.value.message or value == "sb_publishable_"


def test_a_key_of_the_users_own_needs_no_checksum() -> None:
    data = made_keys()
    name = f"publishable-{json.loads(data['api-keys'])[0]['id']}"
    own = {**data, name: "sb_publishable_own"}
    assert jwt_keys.complete("demo-keys", own) == own


def test_swapped_roles_are_refused() -> None:
    data = made_keys()
    with pytest.raises(Stalled, match="does not carry the role anon"):
        jwt_keys.complete("n", {**data, "anon-key": data["service-role-key"]})


@pytest.mark.parametrize("part", ["anon-key", "jwks", "jwt-keys"])
def test_a_derived_part_alone_is_refused(part: str) -> None:
    with pytest.raises(Stalled, match="cannot be used without jwt-secret"):
        jwt_keys.complete("n", {part: made_keys()[part]})


def test_the_typed_password_wins_and_is_encoded() -> None:
    password = 'p@ss/wörd 1:%$"'
    data = database.complete("demo", "team", data={}, inputs={"database-password": password})
    assert data["password"] == password
    assert data["host"] == "demo-database.team.svc"
    assert (
        data["uri"]
        == f"postgresql://postgres:{data['password-urlencoded']}@{data['host']}:5432/postgres"
    )
    assert set(data["password-urlencoded"]) & set("@/: ") == set()
    assert keys.verifier_matches(data["password-verifier"], password)


@pytest.mark.parametrize("password", ["it's", "back\\slash", "two$$dollars", "a\nb", "\x7f"])
def test_a_password_that_would_be_sql_is_refused(password: str) -> None:
    with pytest.raises(
        Stalled, match=r"demo-database: password must have .* no ', no \\ and no"
    ) as (raised):
        database.complete("demo", "team", data={}, inputs={"database-password": password})
    assert password not in raised.value.message
    with pytest.raises(Stalled, match="password must have"):
        database.complete("demo", "team", data={"password": password}, inputs={})


@pytest.mark.parametrize("key", ["password", "password-verifier", "uri", "host"])
def test_a_changed_database_value_is_refused(key: str) -> None:
    data = database.complete("demo", "team", data={}, inputs={})
    with pytest.raises(Stalled, match="demo-database"):
        database.complete("demo", "team", data={**data, key: "other"}, inputs={})


def test_lengths_that_the_services_insist_on() -> None:
    data: dict[str, Any] = simple.complete("internal", "n", {})
    assert len(data["realtime-db-enc-key"]) == 16
    assert len(data["vault-enc-key"]) == 32
    assert len(data["secret-key-base"]) >= 64
    assert len(data["s3-access-key-id"]) == 32
    assert len(data["s3-secret-access-key"]) == 64
    with pytest.raises(Stalled, match="exactly 16"):
        simple.complete("internal", "n", {**data, "realtime-db-enc-key": "x"})
    token = data["logflare-public-token"]
    with pytest.raises(Stalled, match="must differ"):
        simple.complete("internal", "n", {**data, "logflare-private-token": token})
    with pytest.raises(Stalled, match="colon"):
        simple.complete("dashboard", "n", {"username": "a:b"})
