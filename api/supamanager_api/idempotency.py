"""Requests that carry a key: what was answered to the first is answered to each that repeats it.

The answer is kept in the transaction that does the work, so a process that dies has done both or
neither, and of two requests at once the second waits and finds the answer of the first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from supamanager_api import errors, sql
from supamanager_api.database import Connection, Database

LIFETIME: Final = 24 * 3600.0
"""Seconds for which an answer is kept."""

Json: TypeAlias = dict[str, Any]
Keep: TypeAlias = Callable[[Connection, Json], Awaitable[None]]
"""Keeps the answer; to be called in the transaction that does what was asked."""


@dataclass(frozen=True)
class AnswerRow:
    fingerprint: bytes
    answer: Json


_GET = sql.One[AnswerRow, int, str, float]("GetIdempotentAnswer")
_KEEP = sql.Exec[int, str, bytes, Json, float]("KeepIdempotentAnswer")
_DROP = sql.Exec[float]("DropIdempotentAnswers")


class _Repeated(Exception):
    """Another request with the key was faster."""


@dataclass(frozen=True)
class Key:
    """A key is its account's own; the fingerprint tells what was asked with it."""

    account_id: int
    value: str
    fingerprint: bytes


async def nothing(connection: Connection, answer: Json) -> None:
    """Keeps nothing: for requests without a key."""


async def once(database: Database, key: Key, work: Callable[[Keep], Awaitable[Json]]) -> Json:
    """The answer of the work, which is done once for the key.

    Raises:
        Unprocessable: something else was asked with this key before.
    """

    async def keep(connection: Connection, answer: Json) -> None:
        kept = await _KEEP(connection, key.account_id, key.value, key.fingerprint, answer, LIFETIME)
        if not kept:
            raise _Repeated
        await _DROP(connection, LIFETIME)

    found = await _recall(database, key)
    if found is not None:
        return found
    try:
        return await work(keep)
    except _Repeated:
        found = await _recall(database, key)
        if found is None:
            raise errors.Unavailable("The key of this request has expired meanwhile") from None
        return found


async def _recall(database: Database, key: Key) -> Json | None:
    async with database.acquire() as connection:
        row = await _GET(connection, key.account_id, key.value, LIFETIME)
    if row is not None and row.fingerprint != key.fingerprint:
        raise errors.Unprocessable(
            "Idempotency-Key: another request was sent with this key", code="idempotency_key_reused"
        )
    return None if row is None else row.answer
