"""Telling the requests that wait for it that a project has changed.

One connection of the process listens. What is told is only that there is something to read: a
waiter that is slow finds one note, not a queue. When the connection was lost everybody is told to
read, since nobody knows what was missed.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from supamanager_api import errors
from supamanager_api.database import Connection, Database
from supamanager_api.projects import queries

_PROBE_SECONDS: Final = 2.0
_PAUSE: Final = 0.5


class Changes:
    """Notes about one project for one waiter."""

    def __init__(self) -> None:
        self._noted = asyncio.Event()
        self.over = False
        """Set when the process ends: nothing will be noted any more."""

    def note(self) -> None:
        self._noted.set()

    async def wait(self, seconds: float) -> bool:
        """True after a note, False when there was none for so long. What is read after this
        holds every change that was noted before."""
        try:
            async with asyncio.timeout(seconds):
                await self._noted.wait()
        except TimeoutError:
            return False
        self._noted.clear()
        return True


class Events:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: defaultdict[int, set[Changes]] = defaultdict(set)
        self._over = False

    @contextmanager
    def of(self, project_id: int) -> Iterator[Changes]:
        """The changes of a project from now on."""
        changes = Changes()
        changes.over = self._over
        waiting = self._waiting[project_id]
        waiting.add(changes)
        try:
            yield changes
        finally:
            waiting.discard(changes)
            if not waiting:
                self._waiting.pop(project_id, None)

    def close(self) -> None:
        """The process ends: whoever waits is to stop."""
        self._over = True
        for changes in self._all():
            changes.over = True
            changes.note()

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._listen()
            except errors.Unavailable:
                await asyncio.sleep(_PAUSE)

    async def _listen(self) -> None:
        lost = asyncio.Event()
        async with self._database.dedicated() as connection:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(queries.CHANGED, self._heard)
            for changes in self._all():
                changes.note()
            while not lost.is_set():
                try:
                    async with asyncio.timeout(_PROBE_SECONDS):
                        await lost.wait()
                except TimeoutError:
                    await connection.execute("SELECT 1")
        raise errors.Unavailable("The connection that listens was lost")

    def _heard(self, _connection: Connection, _pid: int, _channel: str, payload: object) -> None:
        for changes in self._waiting.get(int(str(payload)), ()):
            changes.note()

    def _all(self) -> list[Changes]:
        return [changes for waiting in self._waiting.values() for changes in waiting]
