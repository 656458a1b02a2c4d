"""Cursors: where a page of a list ended, for the one that follows it. Opaque to clients.

A cursor holds the keys that the list is ordered by, as they were in the last row, so what comes
and goes in between neither repeats a row nor hides one.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from supamanager_api import errors

Key: TypeAlias = str | int | datetime | UUID

_LARGEST: Final = 2**63


def write(order: str, *keys: Key) -> str:
    """`order` names the list and how it is sorted: of another one the cursor is refused."""
    text = json.dumps([order, *map(_told, keys)], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str, order: str, *kinds: type[Key]) -> list[Any]:
    """The keys that the cursor was written with, of these types.

    Raises:
        Invalid: it is none of a list in this order.
    """
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        given, *keys = json.loads(base64.urlsafe_b64decode(padded))
        if given != order or len(keys) != len(kinds):
            raise ValueError
        return [_key(kind, value) for kind, value in zip(kinds, keys, strict=True)]
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise errors.Invalid("cursor: is not one of a page in this order") from None


def _told(key: Key) -> str | int:
    if isinstance(key, datetime):
        return key.isoformat()
    return str(key) if isinstance(key, UUID) else key


def _key(kind: type[Key], value: object) -> Key:
    if kind is int:
        if type(value) is not int or abs(value) >= _LARGEST:
            raise ValueError
        return value
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment
    return UUID(value) if kind is UUID else value
