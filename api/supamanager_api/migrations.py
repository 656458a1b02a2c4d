"""The schema of the management database: `sql/migrations/NNNN_what.sql`, forward only.

Each file is applied once, in a transaction with the row that records it, while one lock keeps all
other processes that start waiting. Those of the last version go on meanwhile: a change that cannot
have a table at once lets go and tries again. A file that was applied must never change.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg

from supamanager_api import errors, sql

logger = logging.getLogger(__name__)

LOCK: Final = 0x5347_4D49
"""Key of the advisory lock that is held while the schema changes."""

_LOCK_SECONDS: Final = 300.0
_TABLE_LOCK: Final = "500ms"
"""Whoever waits for the lock of a table keeps everybody waiting who comes later. Less than the
second after which PostgreSQL looks for deadlocks, and might end a person's query to solve one."""
_IN_USE: Final = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
_PAUSE: Final = 1.0
_FILE: Final = re.compile(r"(?P<id>\d{4})_(?P<name>[a-z0-9_]+)\.sql")

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS public.migrations (
    id text PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    checksum text NOT NULL
)
"""


@dataclass(frozen=True)
class Migration:
    id: str
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def load(folder: Path | None = None) -> tuple[Migration, ...]:
    """The migrations of a folder in order.

    Raises:
        MigrationError: a file's name is not NNNN_what.sql, or a number is missing or there twice.
    """
    found = []
    for path in sorted((folder or sql.folder() / "migrations").glob("*.sql")):
        match = _FILE.fullmatch(path.name)
        if match is None:
            raise errors.MigrationError(f"{path.name} is not named NNNN_what.sql")
        found.append(Migration(match["id"], match["name"], path.read_text(encoding="utf-8")))
    for number, migration in enumerate(found, start=1):
        if int(migration.id) != number:
            raise errors.MigrationError(
                f"{migration.id}_{migration.name}.sql should be number {number:04}: "
                "numbers count up from 0001 without gaps"
            )
    return tuple(found)


async def run(connection: asyncpg.Connection[Any], migrations: Sequence[Migration]) -> list[str]:
    """Apply what is not applied yet; the ids of what was applied now.

    The connection must not be in a transaction; one process works at a time, others wait for it.

    Raises:
        MigrationError: an applied file was changed, a row is missing, or a statement failed.
    """
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK, timeout=_LOCK_SECONDS)
    try:
        await connection.execute(_TABLE)
        applied = await connection.fetch("SELECT id, name, checksum FROM public.migrations")
        _verify({record["id"]: record for record in applied}, migrations)
        done = {record["id"] for record in applied}
        fresh = [migration for migration in migrations if migration.id not in done]
        for migration in fresh:
            await _apply(connection, migration)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)
    return [migration.id for migration in fresh]


def _verify(applied: dict[str, asyncpg.Record], migrations: Sequence[Migration]) -> None:
    known = {migration.id: migration for migration in migrations}
    for key in sorted(applied):
        record = applied[key]
        label = f"{key}_{record['name']}.sql"
        if key not in known:
            # A release that was rolled back: its successor's schema serves this one too.
            logger.warning("the schema is newer than this program", extra={"migration": label})
        elif record["checksum"] != known[key].checksum:
            raise errors.MigrationError(
                f"{label} was changed after it had been applied to this database: "
                "restore the file and put the change into a new migration"
            )
    if applied and max(applied) != f"{len(applied):04}":
        raise errors.MigrationError("the table migrations has a gap: an applied row was removed")


async def _apply(connection: asyncpg.Connection[Any], migration: Migration) -> None:
    label = f"{migration.id}_{migration.name}.sql"
    deadline = time.monotonic() + _LOCK_SECONDS
    while not await _applied(connection, migration, label, last=time.monotonic() > deadline):
        logger.info("a table is in use", extra={"migration": label})
        await asyncio.sleep(_PAUSE)
    logger.info("migration applied", extra={"migration": label})


async def _applied(
    connection: asyncpg.Connection[Any], migration: Migration, label: str, *, last: bool
) -> bool:
    """False if a table's lock could not be had; the `last` attempt raises instead."""
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{_TABLE_LOCK}'")
            await connection.execute(migration.text, timeout=_LOCK_SECONDS)
            await connection.execute(
                "INSERT INTO public.migrations (id, name, checksum) VALUES ($1, $2, $3)",
                migration.id,
                migration.name,
                migration.checksum,
            )
    except asyncpg.PostgresError as failure:
        if isinstance(failure, _IN_USE) and not last:
            return False
        raise errors.MigrationError(f"{label}: {failure}") from failure
    return True
