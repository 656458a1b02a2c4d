"""The keys of a project's API with what is known of each, and keys for a few minutes."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import jwt
from typing_extensions import TypedDict

from supamanager_api import errors

Role = Literal["anon", "authenticated", "service_role"]
Kind = Literal["legacy", "publishable", "secret"]

_LEGACY: Final = {"anon": "anon-key", "service_role": "service-role-key"}
_SHOWN: Final = 15
"""Characters of a masked key: `sb_secret_` and five more, or the head of a JWT."""
_ISSUER: Final = "supabase"


@dataclass(frozen=True)
class ApiKey:
    """`powerful`: it gives access to all data, whatever the policies say."""

    name: str
    type: Kind
    value: str
    powerful: bool
    id: str | None = None
    created_at: str | None = None

    @property
    def prefix(self) -> str:
        return self.value[:_SHOWN]

    @property
    def masked(self) -> str:
        return self.prefix + "·" * _SHOWN

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.value.encode()).hexdigest()


class SigningKey(TypedDict):
    id: str
    algorithm: str
    status: Literal["in_use", "previously_used"]
    public_jwk: dict[str, Any] | None


def listed(data: Mapping[str, str]) -> list[ApiKey]:
    """The keys that work, of the data of `<project>-keys`.

    Raises:
        Conflict: a person has given a Secret of another form.
    """
    found = [
        ApiKey(name, "legacy", data[key], powerful=name == "service_role")
        for name, key in _LEGACY.items()
        if data.get(key)
    ]
    with _form("api-keys"):
        for entry in json.loads(data.get("api-keys") or "[]"):
            value = data.get(f"{entry['type']}-{entry['id']}")
            if value and entry["state"] == "active":
                found.append(
                    ApiKey(
                        name=entry["name"],
                        type=entry["type"],
                        value=value,
                        powerful=entry["type"] == "secret",
                        id=entry["id"],
                        created_at=entry.get("createdAt"),
                    )
                )
    return found


def temporary(data: Mapping[str, str], role: Role, *, seconds: int, now: datetime) -> str:
    """A key that ends after some seconds.

    Raises:
        Conflict: the project has no keys yet.
    """
    secret = data.get("jwt-secret")
    if not secret:
        raise errors.Conflict("The project has no keys yet; try again")
    issued_at = int(now.timestamp())
    claims = {"role": role, "iss": _ISSUER, "iat": issued_at, "exp": issued_at + seconds}
    return jwt.encode(claims, secret, algorithm="HS256")


def signing_keys(data: Mapping[str, str], *, ref: str) -> list[SigningKey]:
    """What tokens of the project's users are verified with; the first one signs them.

    Raises:
        Conflict: as `listed`.
    """
    with _form("jwks"):
        keys: list[dict[str, Any]] = json.loads(data.get("jwks") or '{"keys": []}')["keys"]
        return [
            {
                "id": jwk.get("kid") or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{ref}/{jwk['alg']}")),
                "algorithm": jwk["alg"],
                "status": "previously_used" if jwk["kty"] == "oct" else "in_use",
                # A symmetric key has no public half.
                "public_jwk": None if jwk["kty"] == "oct" else jwk,
            }
            for jwk in keys
        ]


@contextmanager
def _form(key: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError):
        raise errors.Conflict(f"{key} of the Secret of the project's keys is malformed") from None
