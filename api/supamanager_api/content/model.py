"""Rows of content, and what requests say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

Type = Literal["sql", "report", "log_sql"]
Visibility = Literal["user", "project"]
Sort = Literal["name_asc", "name_desc", "inserted_at_asc", "inserted_at_desc"]

Value = TypeVar("Value")


@dataclass(frozen=True)
class ItemRow:
    """`content` is JSON as PostgreSQL writes it, and None where it was not asked for: to read it
    and to write it again takes many times its size, and fails when it is nested deep. The owner of
    what was shared may be gone."""

    id: UUID
    name: str
    description: str | None
    type: Type
    visibility: Visibility
    content: bytes | None
    owner_id: int | None
    owner_name: str | None
    updated_by_id: int | None
    updated_by_name: str | None
    project_id: int
    folder_id: UUID | None
    favorite: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class ListedRow(ItemRow):
    """`more`: it is not the last that is asked for."""

    more: bool


@dataclass(frozen=True)
class LockedRow:
    id: UUID
    project_id: int
    owner_id: int | None
    type: str
    visibility: str
    size: int


@dataclass(frozen=True)
class KeptRow:
    """What is kept about a project; by one account of that; and by one item."""

    items: int
    bytes: int
    own_items: int
    own_bytes: int
    size: int


@dataclass(frozen=True)
class CountsRow:
    favorites: int
    private: int
    shared: int


@dataclass(frozen=True)
class ContentProjectRow:
    ref: str


@dataclass(frozen=True)
class FolderRow:
    id: UUID
    project_id: int
    owner_id: int
    parent_id: UUID | None
    name: str


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which items are listed, and how; None does not limit."""

    type: str | None = None
    visibility: str | None = None
    favorite: bool | None = None
    name: str | None = None
    sort: Sort = "inserted_at_desc"
    limit: int
    """Of rows; a page may end earlier, with a cursor, so that it is not too large."""
    cursor: str | None = None
    full: bool = True
    """With what the items hold."""


@dataclass(frozen=True)
class Items:
    """`cursor` asks for what follows; None: there is nothing."""

    rows: Sequence[ItemRow]
    cursor: str | None


@dataclass(frozen=True)
class Given(Generic[Value]):
    """A value that a request gives, which may be None."""

    value: Value


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a request says of one item; None leaves it as it is."""

    name: str | None = None
    type: str | None = None
    visibility: str | None = None
    content: dict[str, Any] | None = None
    favorite: bool | None = None
    description: Given[str | None] | None = None
    folder: Given[UUID | None] | None = None
