"""What is over is deleted once, whichever of two processes dies over it."""

from __future__ import annotations

import asyncio
import json

import asyncpg

_WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'DELETE %'"
)


async def until(connection: asyncpg.Connection, query: str, value: int) -> None:
    found = None
    for _ in range(300):
        if (found := await connection.fetchval(query)) == value:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{query} gave {found}, not {value}")


def deleted(api) -> list[int]:
    """How many tokens the process says it deleted, each time that it did."""
    lines = (json.loads(line) for line in api.logs.splitlines() if line.startswith("{"))
    return [each["rows"] for each in lines if each.get("query") == "DeleteExpiredAccessTokens"]


async def test_a_process_that_dies_over_it(api_process, database_url: str):
    maker = api_process()
    account = maker.new_account()
    with maker.client(account.token) as client:
        for name in ("first", "second"):
            body = {"name": name}
            assert client.post("/platform/profile/access-tokens", json=body).status_code == 201
    maker.stop()
    holder = await asyncpg.connect(database_url)
    watcher = await asyncpg.connect(database_url)
    try:
        await holder.execute("UPDATE access_token SET expires_at = now() - interval '31 days'")
        held = holder.transaction()
        await held.start()
        await holder.fetch("SELECT id FROM access_token FOR UPDATE")
        dying, other = api_process(), api_process()
        await until(watcher, _WAITING, 2)
        dying.kill()
        assert await watcher.fetchval("SELECT count(*) FROM access_token") == 2
        await held.rollback()
        await until(watcher, "SELECT count(*) FROM access_token", 0)
        for _ in range(100):
            if deleted(other):
                break
            await asyncio.sleep(0.1)
    finally:
        await holder.close()
        await watcher.close()
    assert deleted(dying) == []
    assert deleted(other) == [2]
    assert "a background task failed" not in other.logs
