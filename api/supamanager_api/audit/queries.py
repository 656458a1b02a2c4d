"""Queries of the audit log."""

from __future__ import annotations

from datetime import datetime

from supamanager_api import sql
from supamanager_api.audit.model import EntryRow, HeadRow, LinkRow, SpanRow

OF_ORGANIZATION = sql.Many[
    EntryRow, int, datetime | None, datetime | None, datetime | None, int | None, int
]("ListEntriesOfOrganization")
OF_ACCOUNT = sql.Many[
    EntryRow, int, datetime | None, datetime | None, datetime | None, int | None, int
]("ListEntriesOfAccount")
SPAN = sql.One[SpanRow]("GetAuditSpan")
LINKS = sql.Many[LinkRow, int, int]("ListLinks")
HEAD = sql.One[HeadRow]("GetAuditHead")
