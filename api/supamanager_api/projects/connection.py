"""The `connectionString` that Studio is given and sends back: a sealed name, not a way in.

It says which project an account was shown. Whether the account may still do anything there is
decided at each request, so it needs no end: a tab may stay open for months.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from supamanager_api import derivation

_PURPOSE: Final = "connection"
_KEY_BYTES: Final = 64
_LONGEST: Final = 256


class Unsealed(Exception):
    """The text was not sealed here, or with another ENCRYPTION_SECRET."""


@dataclass(frozen=True)
class Connection:
    """What a token says."""

    ref: str
    account_id: int


class Connections:
    """Seals and opens tokens with one secret.

    The cipher needs no nonce: the same connection always gives the same token, so that an answer
    that is asked for every few seconds does not change.
    """

    def __init__(self, secret: str) -> None:
        self._cipher = AESSIV(derivation.derive(secret, _PURPOSE, length=_KEY_BYTES))

    def seal(self, ref: str, account_id: int) -> str:
        """A token of letters, digits, `-` and `_`: it fits into a header as it is."""
        sealed = self._cipher.encrypt(f"{ref}/{account_id}".encode(), None)
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, token: str) -> Connection:
        """What was sealed.

        Raises:
            Unsealed
        """
        if len(token) > _LONGEST:
            raise Unsealed
        try:
            padded = token.encode("ascii") + b"=" * (-len(token) % 4)
            sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
            ref, _, account = self._cipher.decrypt(sealed, None).decode().partition("/")
        except (UnicodeEncodeError, binascii.Error, InvalidTag):
            raise Unsealed from None
        return Connection(ref, int(account))
