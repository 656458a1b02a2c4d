"""Reading the audit log: what happened in an organization, and around an account."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from supamanager_api.audit import queries
from supamanager_api.audit.model import EntryRow
from supamanager_api.database import Database

MOST: Final = 1000
"""Entries of one answer; of a longer time they are the newest."""


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_organization(
        self, organization_id: int, *, since: datetime | None, until: datetime | None
    ) -> list[EntryRow]:
        """Newest first."""
        async with self._database.acquire() as connection:
            return await queries.OF_ORGANIZATION(connection, organization_id, since, until, MOST)

    async def of_account(
        self, account_id: int, *, since: datetime | None, until: datetime | None
    ) -> list[EntryRow]:
        """What the account did, and what was done to it; newest first."""
        async with self._database.acquire() as connection:
            return await queries.OF_ACCOUNT(connection, account_id, since, until, MOST)

    async def days(self) -> int:
        """How far the log goes back."""
        async with self._database.acquire() as connection:
            span = await queries.SPAN(connection)
        return 1 if span is None else span.days
