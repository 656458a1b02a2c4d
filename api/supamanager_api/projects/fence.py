"""The fence around what a mirror writes: only the newest one may.

A process that lost its lock without noticing has an older number: its batches are refused.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from supamanager_api.database import Connection, Database
from supamanager_api.projects import queries


class Superseded(Exception):
    """Another process mirrors now."""


class Fence:
    def __init__(self, database: Database, epoch: int) -> None:
        self._database = database
        self.epoch = epoch

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[Connection]:
        """A transaction during which no other process can become the mirror.

        Raises:
            Superseded: one has.
        """
        async with self._database.transaction() as connection:
            if await queries.HOLD_EPOCH(connection, self.epoch) is None:
                raise Superseded
            yield connection
