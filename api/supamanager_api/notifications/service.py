"""Notifications: telling them once, and what each account does with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from supamanager_api import errors
from supamanager_api.database import Connection, Database
from supamanager_api.notifications import queries
from supamanager_api.notifications.model import Priority, Reader, SummaryRow, ToldRow, Wanted

_KEPT_DAYS: Final = 90
_AGAIN_SECONDS: Final = 3600.0
UNKNOWN: Final = "Notification not found"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """`key` is that of the occasion within its project: the same one is told once."""

    key: str
    name: str
    priority: Priority
    title: str
    message: str


async def tell(connection: Connection, project_id: int, notice: Notice) -> None:
    """Store a notice in the transaction of what it tells of.

    What was told in these words within the last hour is not told again: a project may go up and
    down for days.
    """
    told = await queries.ADD(
        connection,
        project_id,
        notice.key,
        notice.name,
        notice.priority,
        notice.title,
        notice.message,
        _AGAIN_SECONDS,
    )
    if told:
        await queries.DROP_OLD(connection, _KEPT_DAYS)


class Notifications:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, reader: Reader, wanted: Wanted) -> list[ToldRow]:
        async with self._database.acquire() as connection:
            return await queries.LIST(
                connection,
                *_by(reader),
                wanted.statuses,
                wanted.priorities,
                wanted.slugs,
                wanted.refs,
                wanted.limit,
                wanted.offset,
                wanted.created_at,
                wanted.id,
            )

    async def summary(self, reader: Reader) -> SummaryRow:
        """Of what is new."""
        async with self._database.acquire() as connection:
            return await queries.SUMMARY.certain(connection, *_by(reader))

    async def mark(self, reader: Reader, statuses: Mapping[UUID, str]) -> list[ToldRow]:
        """Set the states of all that are named, or of none.

        Raises:
            NotFound: the account is not told of one of them.
        """
        named = sorted(statuses)
        async with self._database.transaction() as connection:
            if len(await queries.SOME(connection, *_by(reader), named)) < len(named):
                raise errors.NotFound(UNKNOWN)
            for each in named:
                await queries.MARK(connection, reader.account_id, each, statuses[each])
            return await queries.SOME(connection, *_by(reader), named)

    async def archive_all(self, reader: Reader) -> None:
        async with self._database.transaction() as connection:
            await queries.ARCHIVE(connection, *_by(reader))


def _by(reader: Reader) -> tuple[int, list[int], list[str], list[str]]:
    return reader.account_id, reader.organization_ids, reader.hidden, reader.refs
