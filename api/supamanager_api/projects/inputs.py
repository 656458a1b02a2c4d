"""What people type into the API and a project needs: sealed until it is in a Secret."""

from __future__ import annotations

from typing import Final

from supamanager_api import sealing

DATABASE_PASSWORD: Final = "database-password"  # noqa: S105
"""A key of `<p>-inputs`."""


class Unreadable(Exception):
    """A sealed value does not open."""


class Vault:
    """Seals and opens inputs, each for one project and one key of its Secret."""

    def __init__(self, secret: str) -> None:
        self._sealer = sealing.Sealer(secret, use="inputs")

    def seal(self, value: str, *, ref: str, key: str) -> bytes:
        return self._sealer.seal(value, purpose=f"{ref}/{key}")

    def open(self, sealed: bytes, *, ref: str, key: str) -> str:
        """The value that was sealed.

        Raises:
            Unreadable: it was sealed with another secret, or for something else.
        """
        try:
            return self._sealer.open(sealed, purpose=f"{ref}/{key}")
        except sealing.Unreadable:
            raise Unreadable(
                f"the input {key!r} of project {ref} was sealed with another ENCRYPTION_SECRET"
            ) from None
