"""Codes and links that are mailed: six digits for people, a long token for the link.

A code is short enough to be guessed by whoever sees its hash, so the hash has a key. How often one
may be tried is limited by whoever looks it up.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from supamanager_api import derivation
from supamanager_api.accounts import tokens

DIGITS: Final = 6
SECONDS: Final = 3600.0
VALIDITY: Final = "1 hour"


@dataclass(frozen=True)
class Drawn:
    """A new code with its link's token; the hashes are what is kept."""

    code: str
    code_hash: bytes
    token: str
    link_hash: bytes


class Codes:
    """`api_url` is where people reach this API; `studio_url` where links lead to in the end."""

    def __init__(self, secret: str, *, api_url: str, studio_url: str) -> None:
        self._key = derivation.derive(secret, "codes")
        self._api_url = api_url
        self._studio_url = studio_url

    def draw(self, email: str) -> Drawn:
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        token = secrets.token_urlsafe(32)
        return Drawn(code, self.hash(email, code), token, tokens.fingerprint(token))

    def hash(self, email: str, code: str) -> bytes:
        """What is kept of a code that was mailed to the address."""
        return hmac.digest(self._key, f"{email}/{code.strip()}".encode(), hashlib.sha256)

    def link(self, drawn: Drawn, kind: str, *, redirect_to: str | None) -> str:
        query = {"token": drawn.token, "type": kind, "redirect_to": self.target(redirect_to)}
        return f"{self._api_url}/auth/v1/verify?{urlencode(query)}"

    def target(self, redirect_to: str | None) -> str:
        """Where a link may lead to: a page of Studio, or Studio."""
        allowed = redirect_to is not None and (
            redirect_to == self._studio_url
            or redirect_to.startswith((f"{self._studio_url}/", f"{self._studio_url}?"))
        )
        return redirect_to if redirect_to and allowed else self._studio_url
