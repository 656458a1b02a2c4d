"""A new version migrates the database under the processes of the last one."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg

from asking import Owner
from supamanager_api import migrations
from supamanager_api.migrations import Migration

HELD = 5.0
"""Seconds for which somebody reads a table in one transaction: a backup for instance."""


def expansions(tables: list[str]) -> list[Migration]:
    """What the next version may do: every table gets a column and an index on it."""
    return [
        Migration(
            f"{number:04}",
            "next_version",
            f"ALTER TABLE {table} ADD COLUMN next_version text NOT NULL DEFAULT 'new';\n"
            f"CREATE INDEX ON {table} (next_version);",
        )
        for number, table in enumerate(tables, len(migrations.load()) + 1)
    ]


async def migrate(database_url: str) -> float:
    """Seconds for the next version's migrations while a reader holds `project` and `accounts`."""
    reader, runner = [await asyncpg.connect(database_url) for _ in range(2)]
    try:
        tables = await runner.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename <> 'migrations' ORDER BY 1"
        )
        transaction = reader.transaction()
        await transaction.start()
        await reader.execute("SELECT FROM project; SELECT FROM accounts")
        begun = time.monotonic()

        async def let_go() -> None:
            await asyncio.sleep(HELD)
            await transaction.rollback()

        fresh = expansions([row["tablename"] for row in tables])
        whole = [*migrations.load(), *fresh]
        done, _ = await asyncio.gather(migrations.run(runner, whole), let_go())
        assert done == [migration.id for migration in fresh]
        return time.monotonic() - begun
    finally:
        await reader.close()
        await runner.close()


class Users:
    """People who go on with their work; what they are answered, and the longest that one waited."""

    def __init__(self, owner: Owner, ref: str) -> None:
        self._owner = owner
        self._ref = ref
        self._end = threading.Event()
        self.answers: Counter[tuple[str, int]] = Counter()
        self.longest = 0.0

    def read(self) -> None:
        project = f"/platform/projects/{self._ref}"
        while not self._end.is_set():
            for path in ("/platform/projects", project, f"{project}/status"):
                self._count("GET", self._owner.client.get, path)

    def write(self) -> None:
        turn = 0
        while not self._end.is_set():
            turn += 1
            for path in (f"projects/{self._ref}", f"organizations/{self._owner.slug}"):
                body = {"name": f"Name {turn}"}
                self._count("PATCH", self._owner.client.patch, f"/platform/{path}", json=body)
            wish = {**body, "organization_slug": self._owner.slug, "cloud_provider": "K8S"}
            self._count("POST", self._owner.client.post, "/platform/projects", json=wish)

    def _count(self, verb: str, ask: Callable[..., Any], path: str, **options: Any) -> None:
        begun = time.monotonic()
        status = ask(path, **options).status_code
        self.longest = max(self.longest, time.monotonic() - begun)
        self.answers[f"{verb} {path}", status] += 1

    def stop(self) -> None:
        self._end.set()


def test_the_last_version_goes_on_while_the_next_migrates(
    api_process: Callable[..., Any], owner: Owner, database_url: str, figure: Callable[[str], None]
) -> None:
    ref = owner.create()
    users = Users(owner, ref)
    with ThreadPoolExecutor(3) as pool:
        working = [pool.submit(work) for work in (users.read, users.read, users.write)]
        try:
            seconds = asyncio.run(migrate(database_url))
            during = users.answers.total()
            # The old processes go on with the new schema, and one of them may even be started.
            late = api_process()
            late.stop()
        finally:
            users.stop()
        for each in working:
            each.result()
    refused = {what: n for what, n in users.answers.items() if what[1] >= 400}
    assert refused == {}
    assert seconds >= HELD
    assert during > 50
    assert users.longest < HELD, "a request waited for as long as the table was held"
    assert "the schema is newer than this program" in late.logs
    figure(f"{during} answers in {seconds:.1f} s, the slowest after {users.longest:.1f} s")
