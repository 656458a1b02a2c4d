"""The applier: carries out what is stored as intent, in every replica at once.

A row is claimed for some seconds, in a transaction of its own; the process that dies with a claim
leaves the row to the next one. Claims are numbered, so a process that was slower than its claim
records nothing.
"""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any, Final

from supamanager_api import errors
from supamanager_api.background import Task
from supamanager_api.context import Context
from supamanager_api.database import Database
from supamanager_api.projects import application, inputs, queries, recollection, removal, state
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import errors as kube_errors
from supamanager_kube.client import KubeClient

logger = logging.getLogger(__name__)

_CLAIM_SECONDS: Final = 20.0
_WORK_SECONDS: Final = 12.0
_POLL_SECONDS: Final = 2.0
_PARALLEL: Final = 4
_LONGEST_PAUSE: Final = 30.0


class Outdated(Exception):
    """A row says less than its resource."""


class Applier:
    def __init__(self, database: Database, kube: KubeClient, *, vault: inputs.Vault) -> None:
        self._database = database
        self._kube = kube
        self._vault = vault
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled, or until the database is lost."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            for _ in range(_PARALLEL):
                group.create_task(self._work())

    async def _listen(self) -> None:
        async with self._database.dedicated() as connection:
            await connection.add_listener(queries.WORK, lambda *_: self._wake.set())
            while True:
                await asyncio.sleep(_POLL_SECONDS)
                await connection.execute("SELECT 1")

    async def _work(self) -> None:
        while True:
            # Cleared first: what is stored after the look is not slept over.
            self._wake.clear()
            row = await self._claim()
            if row is None:
                await self._rest()
            else:
                await self._carry_out(row)

    async def _claim(self) -> ProjectRow | None:
        async with self._database.transaction() as connection:
            claimed = await queries.CLAIM(connection, _CLAIM_SECONDS)
            return None if claimed is None else await queries.PROJECT(connection, claimed.id)

    async def _rest(self) -> None:
        """Until there may be work."""
        try:
            async with asyncio.timeout(_POLL_SECONDS * random.uniform(0.5, 1.0)):  # noqa: S311
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _carry_out(self, row: ProjectRow) -> None:
        try:
            async with asyncio.timeout(_WORK_SECONDS):
                if await recollection.newer(self._kube, row):
                    # The database was restored from a backup: the mirror brings it up to date.
                    await self._postpone(row, Outdated("the resource has a newer intent"))
                elif row.deletion_requested_at is not None:
                    await removal.carry_out(self._database, self._kube, row)
                else:
                    await application.carry_out(self._database, self._kube, row, vault=self._vault)
        except (TimeoutError, inputs.Unreadable, kube_errors.KubeError) as failure:
            await self._postpone(row, failure)
        except errors.Unavailable:
            raise
        except Exception as failure:
            logger.exception("an intent was not carried out", extra={"ref": row.project_ref})
            await self._postpone(row, failure)

    async def _postpone(self, row: ProjectRow, failure: Exception) -> None:
        """Back off; what the API server said is shown, that it is away is not."""
        pause = min(2.0 ** min(row.attempt - 1, 6), _LONGEST_PAUSE)
        logger.warning("not applied", extra={"ref": row.project_ref, "reason": _reason(failure)})
        problem: dict[str, Any] | None = None
        if isinstance(failure, inputs.Unreadable):
            problem = {"code": 500, "message": str(failure)}
        elif isinstance(failure, kube_errors.KubeError) and not failure.retriable:
            problem = {"code": failure.status, "message": failure.message}
        async with self._database.transaction() as connection:
            spread = pause * random.uniform(0.5, 1.0)  # noqa: S311
            await queries.POSTPONE(connection, row.id, row.claim, spread, problem)
            if problem:
                await state.refresh(connection, row.id)


def _reason(failure: Exception) -> str:
    return str(failure) or type(failure).__name__


def task(context: Context) -> Task:
    applier = Applier(context.database, context.kube, vault=context.vault)
    return Task("applier", applier.run)
