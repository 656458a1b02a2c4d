"""Cursors: where a page ended, for the one that follows it. Opaque to clients."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Final
from uuid import UUID

from supamanager_api import errors
from supamanager_api.content.model import ItemRow, Sort

START: Final[tuple[str | None, UUID | None]] = (None, None)


def after(row: ItemRow, sort: Sort) -> str:
    value = row.name.lower() if sort.startswith("name") else row.created_at.isoformat()
    text = json.dumps([sort, value, str(row.id)], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode()


def read(cursor: str | None, sort: Sort) -> tuple[str | None, UUID | None]:
    """What the rows that follow are compared with.

    Raises:
        Invalid: it is no cursor of this order.
    """
    if not cursor:
        return START
    try:
        given, value, item = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if given != sort or not isinstance(value, str) or "\0" in value:
            raise ValueError
        if not sort.startswith("name"):
            datetime.fromisoformat(value)
        return value, UUID(item)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise errors.Invalid("cursor: is not one of a page in this order") from None
