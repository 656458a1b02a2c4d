"""A process that is the mirror no longer, and does not know it yet, writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from asking import eventually
from supamanager_api import migrations, mirror, settings
from supamanager_api.database import Database
from supamanager_api.projects import queries
from supamanager_api.projects.allowances import Allowances
from supamanager_api.projects.fence import Fence, Superseded
from supamanager_api.projects.watching import Watching
from supamanager_kube.client import KubeClient

SECONDS = 30.0
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://localhost/none",
    "JWT_SECRET": "hR3!vN8#kT5@wP2$zL7^dM4&xB9*qF6(",
    "ENCRYPTION_SECRET": "sG8%tJ1)mC6_yW3+eK9=nA5-uV2?iH7<",
    "DOMAIN_BASE": "projects.test",
    "DOMAIN_STUDIO_URL": "https://studio.test",
}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url)
    async with database.dedicated() as connection:
        await migrations.run(connection, migrations.load())
    yield database
    await database.close()


@pytest.fixture
async def kube(
    api_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[KubeClient]:
    monkeypatch.setenv("KUBECONFIG", api_environment["KUBECONFIG"])
    kube = await KubeClient.connect(user_agent="supamanager-api/test")
    yield kube
    await kube.close()
    # TLS connections end in later turns of the loop.
    await asyncio.sleep(0.25)


async def begin(database: Database) -> int:
    """What another process does that becomes the mirror."""
    async with database.acquire() as connection:
        return (await queries.NEXT_EPOCH.certain(connection)).epoch


async def until(check: Callable[[], object]) -> None:
    await asyncio.to_thread(eventually, check)


async def test_a_batch_of_an_older_mirror_is_refused(database: Database, rows: Callable):
    older = Fence(database, await begin(database))
    insert = "INSERT INTO organizations (slug, name) VALUES ($1, '')"
    async with older.batch() as connection:
        await connection.execute(insert, "before")
    newer = Fence(database, await begin(database))
    with pytest.raises(Superseded):
        async with older.batch() as connection:
            await connection.execute(insert, "late")
    async with newer.batch() as connection:
        await connection.execute(insert, "after")
    assert [row["slug"] for row in rows("SELECT slug FROM organizations ORDER BY id")] == [
        "before",
        "after",
    ]


async def test_nobody_becomes_the_mirror_in_the_middle_of_a_batch(
    database: Database, rows: Callable
):
    fence = Fence(database, await begin(database))
    async with fence.batch():
        other = asyncio.create_task(begin(database))
        await until(
            lambda: rows(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
                "AND wait_event_type = 'Lock'"
            )
        )
        assert not other.done()
    assert await other == fence.epoch + 1


async def test_an_event_is_not_written_by_an_older_mirror(
    database: Database, kube: KubeClient, cluster, rows: Callable
):
    fence = Fence(database, await begin(database))
    watching = Watching(
        kube, fence, namespace=cluster.namespace, allowances=Allowances(kube), places={}
    )
    following = asyncio.create_task(watching.run())
    await until(lambda: watching.age is not None)
    await begin(database)
    await asyncio.to_thread(cluster.apply, "late", {})
    with pytest.raises(ExceptionGroup) as ended:
        await asyncio.wait_for(following, SECONDS)
    assert ended.group_contains(Superseded)
    assert rows("SELECT id FROM project") == []


async def test_an_older_mirror_ends_at_its_next_heartbeat(
    database: Database, kube: KubeClient, namespace: str, rows: Callable
):
    """No resource changes, so nothing else tells it. The age is the newer one's to tell."""
    heard = "SELECT epoch, heard_at::text FROM mirror_epoch"
    configuration = settings.read({**ENVIRONMENT, "PROJECTS_NAMESPACE": namespace})
    running = asyncio.create_task(mirror.Mirror(database, kube, settings=configuration).run())
    await until(lambda: rows("SELECT 1 FROM mirror_epoch WHERE heard_at IS NOT NULL"))
    await begin(database)
    told = rows(heard)
    with pytest.raises(ExceptionGroup) as ended:
        await asyncio.wait_for(running, SECONDS)
    assert ended.group_contains(Superseded)
    assert rows(heard) == told
