"""Reading the audit log: what happened in an organization, and around an account."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from supamanager_api.audit import queries
from supamanager_api.audit.model import EntryRow
from supamanager_api.database import Database

Place: TypeAlias = tuple[datetime, int] | tuple[None, None]
"""Time and position of the entry that others come after; Nones for the newest."""


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_organization(
        self,
        organization_id: int,
        *,
        since: datetime | None,
        until: datetime | None,
        after: Place,
        limit: int,
    ) -> list[EntryRow]:
        """Newest first."""
        async with self._database.acquire() as connection:
            return await queries.OF_ORGANIZATION(
                connection, organization_id, since, until, after[0], after[1], limit
            )

    async def of_account(
        self,
        account_id: int,
        *,
        since: datetime | None,
        until: datetime | None,
        after: Place,
        limit: int,
    ) -> list[EntryRow]:
        """What the account did, and what was done to it; newest first."""
        async with self._database.acquire() as connection:
            return await queries.OF_ACCOUNT(
                connection, account_id, since, until, after[0], after[1], limit
            )

    async def days(self) -> int:
        """How far the log goes back."""
        async with self._database.acquire() as connection:
            span = await queries.SPAN(connection)
        return 1 if span is None else span.days
