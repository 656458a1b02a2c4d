"""E-mail addresses: one spelling for each."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from supamanager_api import errors

_LONGEST: Final = 254
_ADDRESS: Final = re.compile(
    r"""[^\s@"(),:;<>\[\\\]\x00-\x1f\x7f]{1,64}@[^\W_]([-\w.]{0,250}[^\W_])?"""
)


def valid(text: str) -> bool:
    return len(text) <= _LONGEST and ".." not in text and bool(_ADDRESS.fullmatch(text))


def normalize(text: str) -> str:
    """The address as it is stored and compared: trimmed and in lower case.

    Raises:
        Invalid: it is not an address.
    """
    address = unicodedata.normalize("NFC", text.strip()).lower()
    if not valid(address):
        raise errors.Invalid("The e-mail address is not valid", code="email_address_invalid")
    return address
