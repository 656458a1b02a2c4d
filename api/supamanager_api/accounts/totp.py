"""Codes of six digits that change every thirty seconds (RFC 6238, SHA-1)."""

from __future__ import annotations

import base64
import hmac
import io
import secrets
import struct
from typing import Final
from urllib.parse import quote, urlencode

import segno

DIGITS: Final = 6
PERIOD: Final = 30
_SECRET_BYTES: Final = 20
_DRIFT: Final = 1
"""How many intervals a person's clock may be off."""


def new_secret() -> str:
    """In Base32, as people type it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def code(secret: str, step: int) -> str:
    """The code of one interval."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 0x0F
    (number,) = struct.unpack(">I", digest[offset : offset + 4])
    return f"{(number & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: str, given: str, *, now: float) -> int | None:
    """The newest interval around now whose code this is; None: it is none."""
    present = int(now) // PERIOD
    found = None
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        if hmac.compare_digest(code(secret, step).encode(), given.encode()):
            found = step
    return found


def uri(secret: str, *, issuer: str, account: str) -> str:
    """What an authenticator reads."""
    label = quote(f"{issuer}:{account}", safe="@:")
    query = {
        "algorithm": "SHA1",
        "digits": DIGITS,
        "issuer": issuer,
        "period": PERIOD,
        "secret": secret,
    }
    return f"otpauth://totp/{label}?{urlencode(query, quote_via=quote)}"


def qr_code(text: str) -> str:
    """The text as a picture: an SVG document."""
    picture = io.BytesIO()
    segno.make(text, micro=False).save(
        picture, kind="svg", scale=4, xmldecl=False, svgclass=None, lineclass=None, dark="#000000"
    )
    return picture.getvalue().decode().strip()
