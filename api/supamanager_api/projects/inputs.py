"""What people type into the API and a project needs: sealed until it is in a Secret.

The key is derived from ENCRYPTION_SECRET; a sealed value opens only for the project and the key of
the Secret that it was sealed for, so rows cannot be exchanged for one another.
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from supamanager_api import derivation

DATABASE_PASSWORD: Final = "database-password"  # noqa: S105
"""A key of `<p>-inputs`."""

_NONCE: Final = 12


class Unreadable(Exception):
    """A sealed value does not open."""


class Vault:
    """Seals and opens inputs with one secret."""

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(derivation.derive(secret, "inputs"))

    def seal(self, value: str, *, ref: str, key: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, value.encode(), _purpose(ref, key))

    def open(self, sealed: bytes, *, ref: str, key: str) -> str:
        """The value that was sealed.

        Raises:
            Unreadable: it was sealed with another secret, or for something else.
        """
        try:
            value = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _purpose(ref, key))
        except InvalidTag:
            raise Unreadable(
                f"the input {key!r} of project {ref} was sealed with another ENCRYPTION_SECRET"
            ) from None
        return value.decode()


def _purpose(ref: str, key: str) -> bytes:
    return f"{ref}/{key}".encode()
