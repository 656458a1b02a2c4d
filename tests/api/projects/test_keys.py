"""Keys that the operator's own code made, as they are told to each role."""

from __future__ import annotations

import base64
import json
import time

import httpx
import jwt
import pytest

from asking import bound, new_owner
from supamanager_operator.credentials import jwt_keys


@pytest.fixture
def ref(owner) -> str:
    return owner.create()


@pytest.fixture
def secret(cluster, rows, ref: str) -> dict[str, str]:
    """The data of `<project>-keys`, complete."""
    data = jwt_keys.complete(f"{ref}-keys", {})
    cluster.put_secret(ref, "keys", data, uid=bound(rows, ref))
    return data


def test_before_there_are_keys(owner, ref):
    base = f"/v1/projects/{ref}"
    assert owner.client.get(f"{base}/api-keys", params={"reveal": "true"}).json() == []
    assert owner.client.get(f"{base}/api-keys/legacy").json() == {"enabled": False}
    assert owner.client.get(f"{base}/config/auth/signing-keys").json() == {"keys": []}
    temporary = owner.client.post(f"/platform/projects/{ref}/api-keys/temporary")
    assert temporary.status_code == 409, temporary.text


def test_api_keys(api, owner, management, ref, secret):
    path = f"/v1/projects/{ref}/api-keys"

    def values(client: httpx.Client, reveal: str) -> dict[tuple[str, str], str]:
        answer = client.get(path, params={"reveal": reveal})
        assert answer.status_code == 200, answer.text
        return {(each["type"], each["name"]): each["api_key"] for each in answer.json()}

    entries = {each["type"]: each for each in json.loads(secret["api-keys"])}
    public = {
        ("legacy", "anon"): secret["anon-key"],
        ("publishable", "default"): secret[f"publishable-{entries['publishable']['id']}"],
    }
    powerful = {
        ("legacy", "service_role"): secret["service-role-key"],
        ("secret", "default"): secret[f"secret-{entries['secret']['id']}"],
    }
    assert values(owner.client, "true") == {**public, **powerful}
    reader = api.new_account()
    management.add_member(reader.email, owner.organization["id"], role="Read-only")
    with api.client(reader.token) as client, new_owner(api) as other:
        for told in (values(owner.client, "false"), values(client, "true")):
            assert {name: told[name] for name in public} == public
            for name, value in powerful.items():
                assert told[name] == value[:15] + "·" * 15
        temporary = client.post(f"/platform/projects/{ref}/api-keys/temporary")
        assert temporary.status_code == 403
        assert other.client.get(path).status_code == 404
    assert owner.client.get(f"{path}/legacy").json() == {"enabled": True}

    id_ = entries["secret"]["id"]
    one = owner.client.get(f"{path}/{id_}", params={"reveal": "true"}).json()
    assert one["api_key"] == powerful["secret", "default"]
    assert one["id"] == id_
    assert one["prefix"] == one["api_key"][:15]
    assert one["secret_jwt_template"] == {"role": "service_role"}
    assert one["inserted_at"] == entries["secret"]["createdAt"]
    assert owner.client.get(f"{path}/none").status_code == 404
    for value in powerful.values():
        assert value not in api.logs


def test_a_revoked_key_is_not_told(owner, cluster, ref, secret):
    entries = json.loads(secret["api-keys"])
    entries.append({**entries[1], "id": "old", "name": "old", "state": "revoked"})
    data = {"api-keys": json.dumps(entries), "secret-old": "sb_secret_old"}
    cluster.kubectl("patch", "secret", f"{ref}-keys", "-p", json.dumps({"stringData": data}))
    answer = owner.client.get(f"/v1/projects/{ref}/api-keys", params={"reveal": "true"})
    assert len(answer.json()) == 4
    assert "sb_secret_old" not in answer.text


def test_signing_keys(owner, ref, secret):
    answer = owner.client.get(f"/v1/projects/{ref}/config/auth/signing-keys")
    first, second = answer.json()["keys"]
    assert (first["algorithm"], first["status"]) == ("ES256", "in_use")
    assert (second["algorithm"], second["status"]) == ("HS256", "previously_used")
    assert second["public_jwk"] is None
    assert first["created_at"].startswith("20")
    key = jwt.PyJWK(first["public_jwk"])
    claims = jwt.decode(secret["anon-key-asymmetric"], key, algorithms=["ES256"])
    assert claims["role"] == "anon"
    assert jwt.get_unverified_header(secret["anon-key-asymmetric"])["kid"] == first["id"]
    private = next(each for each in json.loads(secret["jwt-keys"]) if "d" in each)
    assert private["d"] not in answer.text
    assert base64.urlsafe_b64encode(secret["jwt-secret"].encode()).decode() not in answer.text


def test_a_key_for_a_few_minutes(owner, ref, secret):
    path = f"/platform/projects/{ref}/api-keys/temporary"
    for query, role, seconds in (
        ({"authorization_exp": "300", "claims": '{"role":"service_role"}'}, "service_role", 300),
        ({"claims": '{"role":"anon"}'}, "anon", 60),
        ({}, "service_role", 60),
    ):
        answer = owner.client.post(path, params=query)
        assert answer.status_code == 201, answer.text
        assert answer.headers["cache-control"] == "no-store"
        key = answer.json()["api_key"]
        claims = jwt.decode(key, secret["jwt-secret"], algorithms=["HS256"])
        assert claims["role"] == role
        assert claims["exp"] - claims["iat"] == seconds
        assert abs(claims["iat"] - time.time()) < 60
    for bad in (
        {"authorization_exp": "0"},
        {"authorization_exp": "3601"},
        {"authorization_exp": "x"},
        {"claims": "x"},
        {"claims": "[]"},
        {"claims": '{"role":"postgres"}'},
        {"claims": '{"role":"anon","exp":9999999999}'},
        {"claims": "{}"},
    ):
        assert owner.client.post(path, params=bad).status_code == 400, bad
