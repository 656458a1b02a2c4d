"""Moving projects between organizations."""

from __future__ import annotations

from typing import Final

from supamanager_api import errors
from supamanager_api.database import Database
from supamanager_api.organizations.model import Actor, MembershipRow
from supamanager_api.organizations.quotas import Quota
from supamanager_api.projects import transfer
from supamanager_api.projects.model import ProjectRow
from supamanager_api.projects.service import UNKNOWN, Projects
from supamanager_kube.client import KubeClient

_TRIES: Final = 5


class Transfers:
    """`quota` is that of an organization without one of its own."""

    def __init__(
        self, database: Database, kube: KubeClient, projects: Projects, *, quota: Quota
    ) -> None:
        self._database = database
        self._kube = kube
        self._projects = projects
        self._quota = quota

    async def transfer(
        self, actor: Actor, ref: str, source: MembershipRow, target: MembershipRow
    ) -> ProjectRow:
        """Move a project from one organization to another.

        Raises:
            NotFound, Forbidden, QuotaExceeded
            Conflict: the cluster does not let it, or it is there already.
        """
        for _ in range(_TRIES):
            row = await self._leaving(ref, source, target)
            await transfer.rehearse(self._kube, row, target)
            async with self._database.transaction() as connection:
                moved = await transfer.store(connection, actor, row, target, default=self._quota)
            if moved is not None:
                return moved
        raise errors.Conflict("The project is being changed by others; try again")

    async def rehearse(self, ref: str, source: MembershipRow, target: MembershipRow) -> None:
        """Raises what `transfer` would raise now."""
        row = await self._leaving(ref, source, target)
        await transfer.rehearse(self._kube, row, target)
        async with self._database.acquire() as connection:
            await transfer.forecast(connection, row, target, default=self._quota)

    async def _leaving(self, ref: str, source: MembershipRow, target: MembershipRow) -> ProjectRow:
        row = await self._projects.changeable(ref)
        if row.organization_id != source.organization_id:
            raise errors.NotFound(UNKNOWN)
        if row.organization_id == target.organization_id:
            raise errors.Conflict("The project is in this organization already")
        return row
