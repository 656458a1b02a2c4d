from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest

from supamanager_api import errors, migrations
from supamanager_api.migrations import Migration

Connection = asyncpg.Connection


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    made = await asyncpg.connect(database_url)
    yield made
    await made.close()


async def test_two_processes_start_at_once(api_process, connection: Connection):
    processes = [api_process(wait=False) for _ in range(3)]
    for process in processes:
        process.wait_ready()
    known = migrations.load()
    rows = await connection.fetch(
        "SELECT id, name, checksum, applied_at FROM migrations ORDER BY id"
    )
    assert [(row["id"], row["name"], row["checksum"]) for row in rows] == [
        (item.id, item.name, item.checksum) for item in known
    ]
    logs = "".join(process.logs for process in processes)
    assert logs.count('"message": "migration applied"') == len(known)


async def test_a_changed_file_stops_the_start(api_process, connection: Connection):
    api_process().stop()
    await connection.execute("UPDATE migrations SET checksum = 'other' WHERE id = '0001'")
    process = api_process(wait=False)
    assert process.wait_ended() != 0
    assert "0001_accounts.sql was changed after it had been applied" in process.logs
    assert '"message": "started"' not in process.logs


async def test_each_is_applied_once(connection: Connection):
    first = Migration("0001", "a", "CREATE TABLE a ();")
    second = Migration("0002", "b", "CREATE TABLE b ();")
    assert await migrations.run(connection, [first]) == ["0001"]
    assert await migrations.run(connection, [first, second]) == ["0002"]
    assert await migrations.run(connection, [first, second]) == []


async def test_a_failure_leaves_nothing(connection: Connection):
    broken = Migration("0001", "a", "CREATE TABLE a ();\nCREATE TABLE b (x nothing);")
    with pytest.raises(errors.MigrationError, match=r'0001_a\.sql: type "nothing" does not exist'):
        await migrations.run(connection, [broken])
    assert await connection.fetchval("SELECT to_regclass('a')") is None
    assert await connection.fetchval("SELECT count(*) FROM migrations") == 0
    assert await migrations.run(connection, [Migration("0001", "a", "CREATE TABLE a ();")])


async def test_a_changed_file_changes_nothing(connection: Connection):
    await migrations.run(connection, [Migration("0001", "a", "CREATE TABLE a ();")])
    changed = [
        Migration("0001", "a", "CREATE TABLE c ();"),
        Migration("0002", "b", "CREATE TABLE b ();"),
    ]
    with pytest.raises(errors.MigrationError, match="was changed after"):
        await migrations.run(connection, changed)
    assert await connection.fetchval("SELECT to_regclass('b')") is None


async def test_a_removed_row(connection: Connection):
    known = [Migration(f"000{n}", "t", f"CREATE TABLE t{n} ();") for n in (1, 2)]
    await migrations.run(connection, known)
    await connection.execute("DELETE FROM migrations WHERE id = '0001'")
    with pytest.raises(errors.MigrationError, match="has a gap"):
        await migrations.run(connection, known)


async def test_a_release_that_was_rolled_back(connection: Connection):
    known = [Migration(f"000{n}", "t", f"CREATE TABLE t{n} ();") for n in (1, 2)]
    await migrations.run(connection, known)
    assert await migrations.run(connection, known[:1]) == []


async def test_the_lock_is_given_back(connection: Connection, database_url: str):
    for text in ("CREATE TABLE a ();", "nonsense"):
        with contextlib.suppress(errors.MigrationError):
            await migrations.run(connection, [Migration("0001", "a", text)])
        other = await asyncpg.connect(database_url)
        try:
            assert await other.fetchval("SELECT pg_try_advisory_lock($1)", migrations.LOCK)
        finally:
            await other.close()


async def test_a_table_of_that_name_elsewhere(connection: Connection):
    await connection.execute("CREATE SCHEMA storage CREATE TABLE migrations (id int)")
    assert await migrations.run(connection, [Migration("0001", "a", "CREATE TABLE a ();")])
