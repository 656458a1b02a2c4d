"""Access tokens, which are JWTs of one hour, and refresh tokens, which are opaque.

A refresh token leads to its successor by a keyed hash: whoever presents one twice at the same
moment, as two tabs of a browser do, gets the same successor, though no token is stored.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import jwt

from supamanager_api import errors
from supamanager_api.accounts.model import AccountRow, SessionRow

ALGORITHM: Final = "HS256"
AUDIENCE: Final = "authenticated"
ISSUER: Final = "supamanager"
LIFETIME: Final = timedelta(hours=1)

_REQUIRED: Final = ["account_id", "sub", "session_id", "aud", "iss", "exp", "iat"]
_KNOWN: Final = 1024
_SUCCESSOR: Final = b"supamanager/refresh-token"


@dataclass(frozen=True)
class Claims:
    account_id: int
    gotrue_id: UUID
    session_id: UUID


class Tokens:
    def __init__(self, secret: str) -> None:
        self._key = secret.encode()
        # A browser sends one token with hundreds of requests; its signature stays what it is.
        self._known = functools.lru_cache(_KNOWN)(self._read)
        self._successor_key = hmac.digest(self._key, _SUCCESSOR, "sha256")

    def issue(self, account: AccountRow, session: SessionRow) -> tuple[str, datetime]:
        """An access token and when it expires."""
        now = datetime.now(UTC).replace(microsecond=0)
        expires = now + LIFETIME
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": str(account.gotrue_id),
            "aud": AUDIENCE,
            "exp": expires,
            "iat": now,
            "account_id": account.id,
            "email": account.email,
            "role": "authenticated",
            "session_id": str(session.id),
            "aal": session.level,
            "amr": _methods(session),
        }
        return jwt.encode(claims, self._key, ALGORITHM), expires

    def verify(self, token: str) -> Claims:
        """
        Raises:
            Unauthenticated: the token is not one of ours, or is over.
        """
        claims, expires = self._known(token)
        if expires <= time.time():
            raise errors.Unauthenticated("The token has expired", code="bad_jwt")
        return claims

    def _read(self, token: str) -> tuple[Claims, float]:
        """What it says, and when it expires."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": _REQUIRED},
            )
            return Claims(
                int(claims["account_id"]), UUID(claims["sub"]), UUID(claims["session_id"])
            ), float(claims["exp"])
        except jwt.ExpiredSignatureError:
            raise errors.Unauthenticated("The token has expired", code="bad_jwt") from None
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
            raise errors.Unauthenticated("The token is not valid", code="bad_jwt") from None

    def successor(self, refresh_token: str) -> str:
        """The one token that follows this one."""
        digest = hmac.digest(self._successor_key, refresh_token.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _methods(session: SessionRow) -> list[dict[str, Any]]:
    """How the account was shown to be who it is, newest first."""
    shown = [(session.method.value, session.created_at)]
    if session.second_factor_at:
        shown.insert(0, ("totp", session.second_factor_at))
    return [{"method": name, "timestamp": int(at.timestamp())} for name, at in shown]


def first_refresh_token() -> str:
    """The token that a session begins with."""
    return secrets.token_urlsafe(32)


def fingerprint(refresh_token: str) -> bytes:
    """What is stored of a refresh token; it is random, so a plain hash keeps it."""
    return hashlib.sha256(refresh_token.encode()).digest()
