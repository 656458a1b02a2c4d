"""Where a page of content ended, in the order that it has."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from supamanager_api import cursors
from supamanager_api.content.model import ItemRow, Sort

_LIST: Final = "content"


def after(row: ItemRow, sort: Sort) -> str:
    value = row.name.lower() if _by_name(sort) else row.created_at
    return cursors.write(f"{_LIST}.{sort}", value, row.id)


def read(cursor: str | None, sort: Sort) -> tuple[str | None, UUID | None]:
    """What the rows that follow are compared with.

    Raises:
        Invalid: it is no cursor of this order.
    """
    if not cursor:
        return None, None
    value: Any
    kind = str if _by_name(sort) else datetime
    value, item = cursors.read(cursor, f"{_LIST}.{sort}", kind, UUID)
    return (value if _by_name(sort) else value.isoformat()), item


def _by_name(sort: Sort) -> bool:
    return sort.startswith("name")
