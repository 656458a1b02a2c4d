"""Projects whose resource was deleted and whose volumes and Secrets were kept.

One is restored by making its resource again: the operator gives it what the old one left under the
same name. Whether it is still there, and is this project's, says the Secret of its database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import asyncpg

from supamanager_api import errors
from supamanager_api.database import Database
from supamanager_api.organizations import queries as organizations
from supamanager_api.organizations.quotas import Quota
from supamanager_api.projects import (
    allotment,
    footprints,
    intents,
    queries,
    rehearsal,
    resource,
    secretdata,
    state,
)
from supamanager_api.projects.model import ProjectRow, RetainedRow
from supamanager_kube import labels, secrets
from supamanager_kube.client import KubeClient

_UNKNOWN: Final = "No project of this ref was retained"


@dataclass(frozen=True)
class RetainedPage:
    count: int
    rows: Sequence[RetainedRow]


class Retention:
    """Of projects that were made here, in the namespace of these."""

    def __init__(
        self, database: Database, kube: KubeClient, *, namespace: str, quota: Quota
    ) -> None:
        self._database = database
        self._kube = kube
        self._namespace = namespace
        self._quota = quota

    async def page(self, *, limit: int, offset: int) -> RetainedPage:
        """What was kept when it was deleted, the last one first."""
        async with self._database.acquire() as connection:
            count = await queries.COUNT_RETAINED.certain(connection, self._namespace)
            rows = await queries.RETAINED(connection, self._namespace, None, limit, offset)
        return RetainedPage(count.count, rows)

    async def restore(self, ref: str) -> ProjectRow:
        """Store that the project is wanted again, under its ref and running.

        Raises:
            NotFound: no project of this ref was retained.
            Conflict: its data is not there any more, or the cluster would refuse it.
            QuotaExceeded: its organization has no room for it.
            Unavailable: the cluster does not answer.
        """
        async with self._database.acquire() as connection:
            if not await queries.RETAINED(connection, self._namespace, ref, 1, 0):
                raise errors.NotFound(_UNKNOWN)
            row = await queries.PROJECT_BY_REF(connection, ref)
        assert row is not None
        assert row.resource_uid is not None
        await self._check_data(row)
        if row.organization_slug:
            await rehearsal.home(self._kube, row.namespace, organization=row.organization_slug)
        intent = intents.merged(row.intent, {"spec": {"paused": False}})
        await rehearsal.absent(self._kube, row)
        body = resource.of(replace(row, resource_uid=None), intent)
        await rehearsal.change(self._kube, body, asked=intents.fields(intent))
        try:
            async with self._database.transaction() as connection:
                if row.organization_id is not None:
                    await organizations.LOCK(connection, row.organization_id)
                if not await queries.RESTORE(connection, row.id, intent, row.resource_uid):
                    raise errors.NotFound(_UNKNOWN)
                if row.organization_id is not None:
                    await allotment.check(
                        connection,
                        row.organization_id,
                        grown=footprints.FIELDS,
                        default=self._quota,
                    )
                await queries.DROP_CONDITIONS(connection, row.id, [])
                await queries.DROP_COMPONENTS(connection, row.id, [])
                await state.refresh(connection, row.id)
                await queries.NOTIFY_WORK(connection, row.id)
                return await queries.PROJECT.certain(connection, row.id)
        except asyncpg.UniqueViolationError:
            raise rehearsal.taken(row) from None

    async def _check_data(self, row: ProjectRow) -> None:
        secret = await secretdata.occupant(self._kube, row, secrets.DATABASE)
        known = (secret or {}).get("metadata", {}).get("labels") or {}
        if secret is None:
            raise errors.Conflict("The project's data is not there any more")
        if known.get(labels.RETAINED_FROM) != row.resource_uid:
            raise errors.Conflict(f"What is there under the name {row.resource_name} is another's")
