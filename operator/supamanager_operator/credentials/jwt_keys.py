"""`<p>-keys`: the JWT secret, the signing key and the API keys."""

from __future__ import annotations

import json
import re
import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import Any, Final

import jwt
from jwt.algorithms import ECAlgorithm

from supamanager_operator import keys
from supamanager_operator.credentials import refuse
from supamanager_operator.keys import KeyType, Role

_MIN_SECRET: Final = 32
"""PostgREST refuses shorter ones."""
_LEGACY: Final[dict[str, Role]] = {"anon-key": "anon", "service-role-key": "service_role"}
_KEY_TYPES: Final[tuple[KeyType, ...]] = ("publishable", "secret")
_ID: Final = re.compile(r"[-._a-zA-Z0-9]{1,200}")


def complete(name: str, data: dict[str, str]) -> dict[str, str]:
    """The whole data of the Secret `name`.

    Raises:
        Stalled: a value is malformed, or was not made from the value it depends on.
    """
    data = dict(data)
    if "jwt-secret" not in data:
        derived = sorted({"jwt-keys", "jwks", *_LEGACY} & data.keys())
        if derived:
            raise refuse(name, f"{', '.join(derived)} cannot be used without jwt-secret")
        data["jwt-secret"] = secrets.token_urlsafe(30)
    secret = data["jwt-secret"]
    if len(secret) < _MIN_SECRET:
        raise refuse(name, f"jwt-secret has fewer than {_MIN_SECRET} characters")

    private = _signing_key(name, data, secret)
    now = int(time.time())
    for key, role in _LEGACY.items():
        if key not in data:
            data[key] = keys.sign_legacy(role, secret=secret, issued_at=now)
        _check_token(name, key, data[key], role=role, verifier=secret, algorithm="HS256")
        asymmetric = f"{key}-asymmetric"
        if asymmetric not in data:
            data[asymmetric] = keys.sign_asymmetric(role, private=private, issued_at=now)
        public = ECAlgorithm.from_jwk(keys.public_half(private))
        _check_token(
            name, asymmetric, data[asymmetric], role=role, verifier=public, algorithm="ES256"
        )
    _opaque_keys(name, data)
    return data


def api_keys(data: dict[str, str]) -> list[dict[str, str]]:
    """What `status.apiKeys` shows: every key but its value."""
    listed: list[dict[str, str]] = json.loads(data["api-keys"])
    return [{field: key[field] for field in ("id", "name", "type", "state")} for key in listed]


def _signing_key(name: str, data: dict[str, str], secret: str) -> dict[str, Any]:
    """The private ES256 JWK; completes jwt-keys and jwks."""
    if "jwt-keys" not in data:
        if "jwks" in data:
            raise refuse(name, "jwks cannot be used without jwt-keys")
        data["jwt-keys"] = keys.private_set(keys.new_signing_key(), secret)
    try:
        jwks: list[dict[str, Any]] = json.loads(data["jwt-keys"])
        signing = [jwk for jwk in jwks if "sign" in jwk["key_ops"]]
        symmetric = [jwk["k"] for jwk in jwks if jwk["kty"] == "oct"]
        [private] = signing
        if private["kty"] != "EC" or not private["kid"]:
            raise ValueError
        ECAlgorithm.from_jwk(private)
    except (ValueError, KeyError, TypeError, jwt.InvalidKeyError):
        raise refuse(
            name, "jwt-keys is not a JSON array of JWKs, exactly one of which signs with ES256"
        ) from None
    if symmetric != [keys.b64url(secret.encode())]:
        raise refuse(name, "jwt-keys does not hold jwt-secret")

    expected = keys.public_set(private, secret)
    data.setdefault("jwks", expected)
    try:
        same = json.loads(data["jwks"]) == json.loads(expected)
    except ValueError:
        same = False
    if not same:
        raise refuse(name, "jwks does not hold the public half of jwt-keys and jwt-secret")
    return private


def _check_token(
    name: str, key: str, token: str, *, role: Role, verifier: Any, algorithm: str
) -> None:
    try:
        claims = jwt.decode(
            token,
            verifier,
            algorithms=[algorithm],
            options={"verify_exp": False, "verify_aud": False},
        )
    except jwt.InvalidTokenError:
        source = "jwt-secret" if algorithm == "HS256" else "the key in jwt-keys"
        raise refuse(name, f"{key} is not signed with {source}") from None
    if claims.get("role") != role:
        raise refuse(name, f"{key} does not carry the role {role}")


def _opaque_keys(name: str, data: dict[str, str]) -> None:
    if "api-keys" not in data:
        created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        listed = []
        for kind in _KEY_TYPES:
            id_ = str(uuid.uuid4())
            data[f"{kind}-{id_}"] = keys.new_opaque_key(kind)
            listed.append(
                {
                    "id": id_,
                    "name": "default",
                    "type": kind,
                    "state": "active",
                    "createdAt": created,
                }
            )
        data["api-keys"] = json.dumps(listed, separators=(",", ":"))
    entries = _listed(name, data["api-keys"])
    values = []
    for id_, type_, state in entries:
        if type_ not in _KEY_TYPES or state not in ("active", "revoked"):
            raise refuse(name, f"api-keys: {id_} has an unknown type or state")
        key = f"{type_}-{id_}"
        if key not in data:
            raise refuse(name, f"api-keys names {key}, which is missing")
        if not keys.is_opaque_key(data[key], type_):
            raise refuse(
                name,
                f"{key} is not sb_{type_}_ and then letters, digits, - and _, at most"
                f" {keys.MAX_OPAQUE_KEY} characters",
            )
        values.append(data[key])
    if len({id_ for id_, *_ in entries}) != len(entries) or len(set(values)) != len(values):
        raise refuse(name, "api-keys names a key twice")
    for kind in _KEY_TYPES:
        if not any(entry[1:3] == (kind, "active") for entry in entries):
            raise refuse(name, f"api-keys has no active key of type {kind}")


def _listed(name: str, text: str) -> list[tuple[str, str, str]]:
    """Id, type and state of each key that the list names."""
    fields = ("id", "type", "state", "name")
    try:
        listed = json.loads(text)
        if not isinstance(listed, list):
            raise TypeError
        entries = [tuple(key[field] for field in fields) for key in listed]
    except (ValueError, KeyError, TypeError):
        raise refuse(name, "api-keys is not a JSON list of id, name, type and state") from None
    for number, entry in enumerate(entries):
        if not all(isinstance(value, str) for value in entry):
            raise refuse(name, f"api-keys: id, name, type and state of entry {number} are not text")
        if not _ID.fullmatch(entry[0]):
            raise refuse(name, f"api-keys: the id of entry {number} cannot end a key of a Secret")
    return [(id_, kind, state) for id_, kind, state, _ in entries]
