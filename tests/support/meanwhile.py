"""What a request finds that has to wait for another transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg
import httpx

from asking import WAIT_SECONDS


async def meanwhile(
    database_url: str, ask: Callable[[], httpx.Response], *commands: str
) -> httpx.Response:
    """The answer to a request that is sent after the commands, and waits for them; they are only
    committed then."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            for command in commands:
                await connection.execute(command)
            asked = asyncio.create_task(asyncio.to_thread(ask))
            async with asyncio.timeout(WAIT_SECONDS):
                while not await connection.fetchval(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
                ):
                    assert not asked.done(), asked.result().text
                    await asyncio.sleep(0.02)
        return await asked
    finally:
        await connection.close()


async def count(database_url: str, query: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        return int(await connection.fetchval(query))
    finally:
        await connection.close()
