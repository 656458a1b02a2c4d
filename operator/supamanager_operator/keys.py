"""Key material in the forms that the services read (`stack` facts: HS256 and ES256 JWTs, JWK sets,
opaque API keys, SCRAM verifiers)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import unicodedata
import uuid
from typing import Any, Final, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

Role = Literal["anon", "service_role"]
KeyType = Literal["publishable", "secret"]

KEY_LIFETIME: Final = 157_680_000
"""Five years in seconds: `exp` - `iat` of an API key that is a JWT."""
MAX_OPAQUE_KEY: Final = 256
_ISSUER: Final = "supabase"
_SCRAM_ITERATIONS: Final = 4096


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def role_claims(role: Role, issued_at: int) -> dict[str, Any]:
    return {"role": role, "iss": _ISSUER, "iat": issued_at, "exp": issued_at + KEY_LIFETIME}


def sign_legacy(role: Role, *, secret: str, issued_at: int) -> str:
    return jwt.encode(role_claims(role, issued_at), secret, algorithm="HS256")


def sign_asymmetric(role: Role, *, private: dict[str, Any], issued_at: int) -> str:
    key = ECAlgorithm.from_jwk(private)
    headers = {"kid": private["kid"]}
    return jwt.encode(role_claims(role, issued_at), key, algorithm="ES256", headers=headers)  # type: ignore[arg-type]


def new_signing_key() -> dict[str, Any]:
    """A private ES256 JWK, ready for the auth service."""
    jwk: dict[str, Any] = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
    return {
        **{name: jwk[name] for name in ("kty", "crv", "x", "y", "d")},
        "alg": "ES256",
        "use": "sig",
        "key_ops": ["sign", "verify"],
        "ext": True,
        "kid": str(uuid.uuid4()),
    }


def public_half(private: dict[str, Any]) -> dict[str, Any]:
    return {**{k: v for k, v in private.items() if k != "d"}, "key_ops": ["verify"]}


def symmetric_jwk(secret: str) -> dict[str, Any]:
    """The HS256 secret as a JWK that verifies but does not sign."""
    return {"kty": "oct", "k": b64url(secret.encode()), "alg": "HS256", "key_ops": ["verify"]}


def private_set(private: dict[str, Any], secret: str) -> str:
    """`jwt-keys`: a JSON array for the auth service, exactly one key of which signs."""
    return json.dumps([private, symmetric_jwk(secret)], separators=(",", ":"))


def public_set(private: dict[str, Any], secret: str) -> str:
    """`jwks`: a JSON object for everyone who verifies."""
    return json.dumps(
        {"keys": [public_half(private), symmetric_jwk(secret)]}, separators=(",", ":")
    )


def new_opaque_key(kind: KeyType) -> str:
    """`sb_<kind>_`, 22 random characters, `_` and 8 characters of checksum."""
    head = f"sb_{kind}_{b64url(secrets.token_bytes(17))[:22]}"
    checksum = b64url(hashlib.sha256(f"supabase-self-hosted|{head}".encode()).digest())[:8]
    return f"{head}_{checksum}"


def is_opaque_key(value: str, kind: str) -> bool:
    """Whether a value can be an opaque key, also one of a user's own without a checksum."""
    form = re.compile(rf"sb_{kind}_[-_a-zA-Z0-9]+")
    return len(value) <= MAX_OPAQUE_KEY and form.fullmatch(value) is not None


def scram_verifier(password: str, *, salt: bytes | None = None) -> str:
    """What PostgreSQL stores for the password; it does not depend on the role's name."""
    salt = salt or secrets.token_bytes(16)
    prepared = unicodedata.normalize("NFKC", password).encode()
    salted = hashlib.pbkdf2_hmac("sha256", prepared, salt, _SCRAM_ITERATIONS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    server = hmac.digest(salted, b"Server Key", "sha256")
    stored = hashlib.sha256(client).digest()
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_SCRAM_ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"


def verifier_matches(verifier: str, password: str) -> bool:
    try:
        salt = base64.b64decode(verifier.split("$")[1].split(":")[1], validate=True)
    except (IndexError, ValueError):
        return False
    return hmac.compare_digest(verifier, scram_verifier(password, salt=salt))
