"""Queries of notifications."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from supamanager_api import sql
from supamanager_api.notifications.model import SummaryRow, ToldRow

Texts = list[str] | None

ADD = sql.Exec[int, str, str, str, str, str, float]("AddNotification")
DROP_OLD = sql.Exec[int]("DropOldNotifications")

LIST = sql.Many[ToldRow, int, Texts, Texts, Texts, Texts, int, int, datetime | None, UUID | None](
    "ListTold"
)
SUMMARY = sql.One[SummaryRow, int]("SummarizeTold")
SOME = sql.Many[ToldRow, int, list[UUID]]("ListToldOf")
MARK = sql.Exec[int, UUID, str]("MarkNotification")
ARCHIVE = sql.Exec[int]("ArchiveNotifications")
