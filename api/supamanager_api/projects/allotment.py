"""Keeping the projects of an organization within its quota.

Whoever makes them larger holds the organization's lock, stores the change, and then counts all of
them: of two changes that fit only one at a time, the second is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from supamanager_api import errors
from supamanager_api.database import Connection
from supamanager_api.organizations import queries as organizations
from supamanager_api.organizations import quotas
from supamanager_api.organizations.quotas import Quota
from supamanager_api.projects import footprints, queries
from supamanager_api.projects.footprints import Footprint
from supamanager_api.projects.model import ProjectRow


@dataclass(frozen=True)
class Allotment:
    quota: Quota
    used: Footprint

    def exceeded(self, resources: tuple[str, ...]) -> list[str]:
        """What of these is used beyond the quota, for people."""
        return [
            f"{name}: {quotas.readable(name, getattr(self.used, name))} of "
            f"{quotas.readable(name, limit)}"
            for name in resources
            if (limit := getattr(self.quota, name)) is not None and getattr(self.used, name) > limit
        ]


async def read(
    connection: Connection, organization_id: int, *, default: Quota, only: str | None = None
) -> Allotment:
    """What the organization may use, and what its projects use, or the one of this ref.

    Raises:
        NotFound: none of them has the ref.
    """
    rows = await queries.OF_ORGANIZATION(connection, organization_id)
    if only is not None:
        rows = [row for row in rows if row.project_ref == only]
        if not rows:
            raise errors.NotFound("Project not found")
    used = sum((footprints.of(row) for row in rows), Footprint())
    return Allotment(await quota(connection, organization_id, default=default), used)


async def quota(connection: Connection, organization_id: int, *, default: Quota) -> Quota:
    found = await organizations.QUOTA(connection, organization_id)
    return quotas.changed(default, found.quota if found else {})


async def check(
    connection: Connection,
    organization_id: int,
    *,
    grown: tuple[str, ...],
    default: Quota,
) -> None:
    """To be called after the change, under the organization's lock.

    Raises:
        QuotaExceeded: of a resource that the change takes more of, too much is used now.
    """
    if grown:
        refuse(await read(connection, organization_id, default=default), grown)


def refuse(found: Allotment, resources: tuple[str, ...]) -> None:
    """Raises QuotaExceeded when too much of one of these is used."""
    if exceeded := found.exceeded(resources):
        raise errors.QuotaExceeded(
            f"This would exceed the organization's quota ({'; '.join(exceeded)})"
        )


def growth(before: ProjectRow | None, after: ProjectRow) -> tuple[str, ...]:
    """The resources that a project takes more of than before."""
    return footprints.of(after).beyond(footprints.of(before) if before else Footprint())
