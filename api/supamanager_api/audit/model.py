"""Rows of the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class EntryRow:
    position: int
    occurred_at: datetime
    entry: dict[str, Any]


@dataclass(frozen=True)
class LinkRow:
    """An entry as it is chained; `text` is the entry's, byte for byte."""

    position: int
    occurred_at: datetime
    text: str
    previous_hash: bytes
    hash: bytes


@dataclass(frozen=True)
class HeadRow:
    position: int
    hash: bytes


@dataclass(frozen=True)
class SpanRow:
    days: int
