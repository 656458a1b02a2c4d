"""Rows of notifications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Status = Literal["new", "seen", "archived"]
Priority = Literal["Critical", "Warning", "Info"]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """An account, and the projects of which it may be told: those of whole organizations but the
    `hidden` ones, and single ones by ref."""

    account_id: int
    organization_ids: list[int]
    hidden: list[str]
    refs: list[str]


@dataclass(frozen=True)
class ToldRow:
    """A notification as one account has it."""

    id: UUID
    name: str
    priority: Priority
    title: str
    message: str
    created_at: datetime
    organization_slug: str
    project_ref: str
    status: Status


@dataclass(frozen=True)
class SummaryRow:
    unread_count: int
    has_critical: bool
    has_warning: bool


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which are listed, newest first; None does not limit."""

    statuses: list[str] | None
    priorities: list[str] | None
    slugs: list[str] | None
    refs: list[str] | None
    limit: int
    offset: int
    created_at: datetime | None = None
    id: UUID | None = None
    """Those that come after this one."""
