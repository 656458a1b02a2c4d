"""Connections to the management database."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Self, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from supamanager_api import errors, origin

logger = logging.getLogger(__name__)

Connection: TypeAlias = "asyncpg.Connection[Any] | PoolConnectionProxy[Any]"

_POOL_SIZE: Final = 10
_ACQUIRE_SECONDS: Final = 5.0
_QUERY_SECONDS: Final = 30.0
_START_SECONDS: Final = 30.0
_ATTRIBUTE: Final = "SELECT set_config('supamanager.origin', $1, true)"

LOST: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    # The server's last word has come and the end of the connection has not.
    asyncpg.InternalClientError,
)
"""What a query raises when the server goes away or has no room."""


class Database:
    """A pool of connections that outlives restarts of the server.

    A connection of the pool keeps nothing from one use to the next: LISTEN, SET and locks of the
    session belong on a `dedicated` one.

    `acquire` and `transaction` raise `errors.Unavailable` when the server does not answer.
    """

    def __init__(self, pool: asyncpg.Pool[Any], url: str) -> None:
        self._pool = pool
        self._url = url

    @classmethod
    async def open(cls, url: str) -> Self:
        """A pool once the server answers, which is waited for.

        Raises:
            StartError: it did not answer, or refused.
        """
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                pool = await asyncpg.create_pool(
                    url,
                    min_size=1,
                    max_size=_POOL_SIZE,
                    init=_prepare,
                    reset=_keep,
                    command_timeout=_QUERY_SECONDS,
                    timeout=_ACQUIRE_SECONDS,
                    server_settings={"application_name": "supamanager-api"},
                )
                return cls(pool, url)
            except (OSError, TimeoutError, *LOST) as failure:
                reason = type(failure).__name__
                if time.monotonic() > deadline:
                    raise errors.StartError(
                        f"the database of DATABASE_URL does not answer: {reason}"
                    ) from None
                logger.warning("waiting for the database", extra={"reason": reason})
                await asyncio.sleep(1.0)
            except asyncpg.PostgresError as failure:
                raise errors.StartError(
                    f"the database of DATABASE_URL refuses: {failure}"
                ) from None

    async def close(self) -> None:
        try:
            await asyncio.wait_for(self._pool.close(), timeout=10.0)
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        """A connection of the pool, each statement in a transaction of its own.

        What a statement of `sql` changes is put down to the request as in `transaction`.
        """
        try:
            connection = await self._pool.acquire(timeout=_ACQUIRE_SECONDS)
        except (OSError, TimeoutError, *LOST) as failure:
            raise _unavailable(failure) from failure
        try:
            yield connection
        except LOST as failure:
            if isinstance(failure, asyncpg.InterfaceError) and not _closed(connection):
                raise  # a wrong call, not a lost server
            if isinstance(failure, asyncpg.InternalClientError) and not _closed(connection):
                connection.terminate()
            raise _unavailable(failure) from failure
        finally:
            await self._release(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection in a transaction: committed at the end, rolled back by an exception."""
        async with self.acquire() as connection, attributed(connection):
            yield connection

    @asynccontextmanager
    async def dedicated(self) -> AsyncIterator[asyncpg.Connection[Any]]:
        """A connection outside the pool: for LISTEN and for locks that a session holds.

        A connection that is lost shows as an error of its next query, or by `is_closed()`.
        """
        try:
            connection = await asyncpg.connect(
                self._url,
                timeout=_ACQUIRE_SECONDS,
                command_timeout=_QUERY_SECONDS,
                server_settings={
                    "application_name": "supamanager-api",
                    "tcp_keepalives_idle": "10",
                    "tcp_keepalives_interval": "5",
                    "tcp_keepalives_count": "3",
                },
            )
        except (OSError, TimeoutError, *LOST) as failure:
            raise _unavailable(failure) from failure
        try:
            await _prepare(connection)
            yield connection
        except LOST as failure:
            if isinstance(failure, asyncpg.InterfaceError) and not _closed(connection):
                raise
            raise _unavailable(failure) from failure
        finally:
            # Closing must not wait for a server that is gone.
            connection.terminate()

    async def _release(self, connection: PoolConnectionProxy[Any]) -> None:
        try:
            await self._pool.release(connection, timeout=_ACQUIRE_SECONDS)
        except (OSError, TimeoutError, *LOST) as failure:
            logger.info("a connection was lost", extra={"reason": type(failure).__name__})


@asynccontextmanager
async def attributed(connection: Connection) -> AsyncIterator[None]:
    """A transaction whose changes are put down to the request that is being answered, if any."""
    async with connection.transaction():
        if (current := origin.CURRENT.get()) is not None:
            await connection.execute(_ATTRIBUTE, current.text())
        yield


async def _prepare(connection: Connection) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=_encode, decoder=json.loads
        )


def _closed(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True  # the pool took it back: it was lost while it was in use


async def _keep(connection: Connection) -> None:
    """There is nothing to reset, and asking the server for it takes as long as a query."""


def _encode(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _unavailable(failure: BaseException) -> errors.Unavailable:
    logger.warning("the database does not answer", extra={"reason": type(failure).__name__})
    return errors.Unavailable("The database does not answer; try again")
