"""The mirror: one process among all brings what the cluster says into the database.

An advisory lock chooses it; the number of its term, in one row, fences what it writes. When the
API server is away the rows keep their last word, and the mirror's age tells how old it is.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

import asyncpg

from supamanager_api.background import Task
from supamanager_api.context import Context
from supamanager_api.database import Connection, Database
from supamanager_api.metrics import Vital
from supamanager_api.projects import claims, queries
from supamanager_api.projects.allowances import Allowances
from supamanager_api.projects.fence import Fence, Superseded
from supamanager_api.projects.watching import Watching
from supamanager_api.settingchecks import EVERY_NAMESPACE
from supamanager_api.settings import Settings
from supamanager_kube import errors
from supamanager_kube.client import KubeClient

logger = logging.getLogger(__name__)

LOCK: Final = 0x5347_4D52
"""Key of the advisory lock that the mirror holds."""

_TRY_SECONDS: Final = 1.0
_BEAT_SECONDS: Final = 1.0
_ALLOWANCE_SECONDS: Final = 5.0


class Mirror:
    def __init__(self, database: Database, kube: KubeClient, *, settings: Settings) -> None:
        self._database = database
        self._kube = kube
        self._settings = settings

    async def run(self) -> None:
        """Wait for the lock, then mirror until it is lost."""
        async with self._database.dedicated() as connection:
            await _hold(connection)
            term = await queries.NEXT_EPOCH.certain(connection)
            logger.info("mirroring", extra={"epoch": term.epoch})
            await self._mirror(connection, Fence(self._database, term.epoch))

    async def _mirror(self, connection: asyncpg.Connection[Any], fence: Fence) -> None:
        allowances = Allowances(self._kube)
        watched = self._settings.watch_namespaces
        namespaces = [None] if EVERY_NAMESPACE in watched else list(watched)
        watchings = [
            Watching(
                self._kube,
                fence,
                namespace=namespace,
                allowances=allowances,
                places=self._settings.regions,
            )
            for namespace in namespaces
        ]
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat(connection, fence, watchings=watchings))
            group.create_task(self._reread(fence, allowances))
            for watching in watchings:
                group.create_task(watching.run())

    async def _beat(
        self, connection: asyncpg.Connection[Any], fence: Fence, *, watchings: list[Watching]
    ) -> None:
        """Record the age on the connection that holds the lock: it fails when the lock is lost."""
        while True:
            ages = [watching.age for watching in watchings]
            known = [age for age in ages if age is not None]
            if len(known) < len(ages):
                await connection.execute("SELECT 1")
            elif not await queries.HEARD(connection, fence.epoch, max(known)):
                raise Superseded
            await asyncio.sleep(_BEAT_SECONDS)

    async def _reread(self, fence: Fence, allowances: Allowances) -> None:
        """Follow changes of the annotation that says to whom a namespace's resources belong."""
        while True:
            await asyncio.sleep(_ALLOWANCE_SECONDS)
            for namespace in allowances.stale():
                try:
                    allowance = await allowances.read(namespace)
                except errors.KubeError as failure:
                    logger.warning(
                        "an allowance was not read again",
                        extra={"namespace": namespace, "reason": failure.message},
                    )
                    continue
                async with fence.batch() as connection:
                    await claims.decide(connection, namespace, allowance)


async def _hold(connection: Connection) -> None:
    """Return with the lock held."""
    while True:
        if (await queries.MIRROR_LOCK.certain(connection, LOCK)).held:
            return
        await asyncio.sleep(_TRY_SECONDS)


async def _age(connection: Connection) -> float | None:
    return (await queries.MIRROR_AGE.certain(connection)).seconds


async def _backlog(connection: Connection) -> float | None:
    return float((await queries.PENDING.certain(connection)).count)


VITALS: Final = (
    Vital(
        "mirror_age_seconds",
        "Seconds since the Kubernetes API was heard; what is shown may be so old.",
        _age,
    ),
    Vital("applier_backlog", "Changes that are not applied in the cluster yet.", _backlog),
)


def task(context: Context) -> Task:
    mirror = Mirror(context.database, context.kube, settings=context.settings)
    return Task("mirror", mirror.run)
