"""Deciding anew to whom the projects of a namespace belong, when its annotation was read again."""

from __future__ import annotations

from supamanager_api.database import Connection
from supamanager_api.projects import ownership, queries, state
from supamanager_api.projects.ownership import Allowance


async def decide(connection: Connection, namespace: str, allowance: Allowance) -> None:
    """Write the organization of every project of the namespace that has another one now."""
    for row in await queries.MIRRORED(connection, namespace):
        label = ownership.label(row, seen=row.organization_seen, version=row.resource_version)
        slug = allowance.claim(label)
        found = await queries.ORGANIZATION_BY_SLUG(connection, slug) if slug else None
        owner = found.id if found else None
        if slug and found and label is None:
            await queries.LABEL(connection, row.id, slug)
            await queries.NOTIFY_WORK(connection, row.id)
        if owner != row.organization_id:
            await queries.OWN(connection, row.id, owner)
            await state.refresh(connection, row.id)
