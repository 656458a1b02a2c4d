"""`<p>-dashboard` and `<p>-internal`: values that depend on nothing."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from typing import Final

from supamanager_operator.credentials import refuse

_GENERATORS: Final[dict[str, dict[str, Callable[[], str]]]] = {
    "dashboard": {
        "username": lambda: "supabase",
        # The gateway wants a letter in it; a hexadecimal text may by chance have none.
        "password": lambda: "p" + secrets.token_hex(16),
    },
    "internal": {
        "secret-key-base": lambda: secrets.token_urlsafe(48),
        "realtime-db-enc-key": lambda: secrets.token_hex(8),
        "vault-enc-key": lambda: secrets.token_hex(16),
        "logflare-public-token": lambda: secrets.token_urlsafe(24),
        "logflare-private-token": lambda: secrets.token_urlsafe(24),
        "logflare-db-enc-key": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
        "s3-access-key-id": lambda: secrets.token_hex(16),
        "s3-secret-access-key": lambda: secrets.token_hex(32),
    },
}

_LENGTHS: Final[dict[str, tuple[int, int | None]]] = {
    "secret-key-base": (64, None),
    "realtime-db-enc-key": (16, 16),
    "vault-enc-key": (32, 32),
    "logflare-public-token": (16, None),
    "logflare-private-token": (16, None),
    "logflare-db-enc-key": (44, 44),
    "username": (1, None),
    "password": (1, None),
}
"""Fewest and most characters."""


def complete(suffix: str, name: str, data: dict[str, str]) -> dict[str, str]:
    """The whole data of the Secret `name`.

    Raises:
        Stalled: a value has a length or form that its service refuses.
    """
    data = dict(data)
    for key, generate in _GENERATORS[suffix].items():
        if key not in data:
            data[key] = generate()
    for key, (least, most) in _LENGTHS.items():
        if key in data and not least <= len(data[key]) <= (most or len(data[key])):
            exactly = "exactly" if most else "at least"
            raise refuse(name, f"{key} must have {exactly} {least} characters")
    if suffix == "dashboard" and ":" in data["username"]:
        raise refuse(name, "username must not have a colon")
    if suffix == "internal" and data["logflare-public-token"] == data["logflare-private-token"]:
        raise refuse(name, "logflare-public-token and logflare-private-token must differ")
    return data
