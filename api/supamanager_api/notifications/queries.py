"""Queries of notifications."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from supamanager_api import sql
from supamanager_api.notifications.model import SummaryRow, ToldRow

Texts = list[str] | None
Ids = list[int]
Refs = list[str]

ADD = sql.Exec[int, str, str, str, str, str, float]("AddNotification")
DROP_OLD = sql.Exec[int]("DropOldNotifications")

LIST = sql.Many[
    ToldRow,
    int,
    Ids,
    Refs,
    Refs,
    Texts,
    Texts,
    Texts,
    Texts,
    int,
    int,
    datetime | None,
    UUID | None,
]("ListTold")
SUMMARY = sql.One[SummaryRow, int, Ids, Refs, Refs]("SummarizeTold")
SOME = sql.Many[ToldRow, int, Ids, Refs, Refs, list[UUID]]("ListToldOf")
MARK = sql.Exec[int, UUID, str]("MarkNotification")
ARCHIVE = sql.Exec[int, Ids, Refs, Refs]("ArchiveNotifications")
