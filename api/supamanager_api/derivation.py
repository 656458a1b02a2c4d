"""Keys for one purpose each, derived from one secret of the environment."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive(secret: str, purpose: str, *, length: int = 32) -> bytes:
    """`length` bytes that only this secret and this purpose give."""
    info = f"supamanager/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret.encode())
