"""Values that only this program may read, encrypted with ENCRYPTION_SECRET.

A sealed value opens only for the use and the purpose that it was sealed for, so rows cannot be
exchanged for one another.
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from supamanager_api import derivation

_NONCE: Final = 12


class Unreadable(Exception):
    """A sealed value does not open: another secret, another purpose, or it was changed."""


class Sealer:
    """Seals and opens the values of one use; each use has a key of its own."""

    def __init__(self, secret: str, *, use: str) -> None:
        self._cipher = AESGCM(derivation.derive(secret, use))

    def seal(self, value: str, *, purpose: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, value.encode(), purpose.encode())

    def open(self, sealed: bytes, *, purpose: str) -> str:
        """The value that was sealed.

        Raises:
            Unreadable
        """
        try:
            value = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
        except (InvalidTag, ValueError):
            raise Unreadable(
                "a stored value was sealed with another ENCRYPTION_SECRET, or was changed"
            ) from None
        return value.decode()
