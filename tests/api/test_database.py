"""The pool when the server ends its connections."""

from __future__ import annotations

import asyncio

import asyncpg

from supamanager_api import errors
from supamanager_api.database import Database

TRIES = 60


async def test_a_connection_that_the_server_ends_is_unavailable_and_replaced(database_url):
    """At whichever moment between the server's last word and the end of the connection."""
    database = await Database.open(database_url)
    other = await asyncpg.connect(database_url)
    try:
        for number in range(TRIES):
            try:
                async with database.acquire() as connection:
                    pid = await connection.fetchval("SELECT pg_backend_pid()")
                    await other.execute("SELECT pg_terminate_backend($1)", pid)
                    for _ in range(number % 6):
                        await asyncio.sleep(0)
                    await connection.fetchval("SELECT 1")
            except errors.Unavailable:
                pass
            async with database.acquire() as connection:
                assert await connection.fetchval("SELECT 1") == 1
    finally:
        await other.close()
        await database.close()
