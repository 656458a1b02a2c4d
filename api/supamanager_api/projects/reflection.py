"""Writing what was observed of a resource into the rows of its project.

A resource that is new here is adopted: it gets a row with the intent that it remembers, most often
none, and the applier is asked to label it. One that the API is about to make, and somebody made
first, is that project.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from supamanager_api import errors
from supamanager_api.database import Connection
from supamanager_api.projects import ownership, queries, refs, regions, specchange, state
from supamanager_api.projects.model import ProjectRow
from supamanager_api.projects.observation import Observation
from supamanager_api.projects.ownership import Allowance
from supamanager_api.projects.recollection import Recollection

logger = logging.getLogger(__name__)

_DRAWS: Final = 8
_PAUSE: Final = 0.05


async def write(
    connection: Connection,
    seen: Observation,
    *,
    epoch: int,
    allowance: Allowance,
    places: Mapping[str, regions.Region],
    listed: bool = False,
) -> None:
    """Bring the rows of one resource in line with it; nothing is written when they are.

    A listed resource is there for certain; the event of a watch may be older than its deletion.
    """
    row = await queries.LOCK_BY_UID(connection, seen.uid)
    if row is not None and row.removed_at is not None:
        if not listed:
            return
        await queries.REVIVE(connection, row.id)
        row = await queries.LOCK.certain(connection, row.id)
    met = row is None
    if row is None:
        if await queries.FORMER(connection, seen.uid) is not None:
            return
        row = await _meet(connection, seen, places=places)
    if seen.recollection.revision > row.intent_revision:
        row = await _remember(connection, row, seen.recollection)
    if seen.generation < row.generation:
        return
    label = ownership.label(row, seen=seen.organization, version=seen.resource_version)
    slug = allowance.claim(label)
    organization = await queries.ORGANIZATION_BY_SLUG(connection, slug) if slug else None
    organization_id = organization.id if organization else None
    # An older release of this program took less of the same version.
    known = (row.resource_version, row.organization_id, row.resource_uid, row.live)
    if known == (seen.resource_version, organization_id, seen.uid, seen.live):
        return
    if slug and organization and label is None:
        await queries.LABEL(connection, row.id, slug)
        await queries.NOTIFY_WORK(connection, row.id)
    await queries.MIRROR(
        connection,
        row.id,
        organization_id,
        seen.organization,
        epoch,
        seen.resource_version,
        seen.generation,
        seen.observed_generation,
        seen.deleting,
        seen.live,
        seen.endpoints,
        seen.facts,
        seen.summary,
    )
    await _save_managers(connection, row, seen, met=met)
    await _save_status(connection, row.id, seen)
    await state.refresh(connection, row.id)


async def remove(connection: Connection, *, uid: str, key: tuple[str, str]) -> None:
    """The resource of this uid is not there any more."""
    row = await queries.LOCK_BY_UID(connection, uid)
    if row is None:
        # It was made for a project and deleted before its maker could note the uid.
        row = await queries.LOCK_BY_RESOURCE(connection, *key)
        if row is None or row.resource_uid not in (None, uid) or row.former_uid == uid:
            return
    if row.removed_at is None:
        await queries.REMOVE(connection, row.id, uid)
        await state.refresh(connection, row.id)


async def _meet(
    connection: Connection, seen: Observation, *, places: Mapping[str, regions.Region]
) -> ProjectRow:
    """The row for a resource that has none yet.

    Raises:
        Unavailable: no free ref was found.
    """
    for _ in range(_DRAWS):
        row = await queries.LOCK_BY_RESOURCE(connection, *seen.key)
        # Its maker may have noted the uid while the lock was waited for.
        if row is not None and row.resource_uid in (None, seen.uid):
            await queries.BIND(connection, row.id, seen.uid)
            return await queries.LOCK.certain(connection, row.id)
        if row is not None:
            await queries.REMOVE(connection, row.id, None)
            await state.refresh(connection, row.id)
        ref = await _ref(connection, seen)
        if ref is None:
            # A request may have drawn it just now, and store this project's row in a moment.
            await asyncio.sleep(_PAUSE)
            continue
        made = await queries.ADOPT(
            connection,
            ref,
            seen.live.get("displayName") or seen.name,
            regions.locate(places, seen.node_selector).code,
            seen.namespace,
            seen.name,
            seen.uid,
            seen.recollection.intent,
            seen.recollection.revision,
            seen.recollection.organization,
            seen.created_at,
        )
        if made is not None:
            logger.info(
                "adopted", extra={"ref": ref, "namespace": seen.namespace, "resource": seen.name}
            )
            await queries.NOTIFY_WORK(connection, made.id)
            return await queries.LOCK.certain(connection, made.id)
    raise errors.Unavailable(f"No free ref was found for {seen.namespace}/{seen.name}")


async def _remember(
    connection: Connection, row: ProjectRow, recollection: Recollection
) -> ProjectRow:
    """Take in the newer intent. What somebody typed before it is not to be written any more."""
    await queries.REMEMBER(
        connection,
        row.id,
        recollection.intent,
        recollection.revision,
        recollection.organization,
    )
    if typed := await queries.INPUTS(connection, row.id):
        await queries.DELETE_INPUTS(connection, row.id, typed[-1].id)
    logger.warning(
        "the resource has a newer intent than the database",
        extra={"ref": row.project_ref, "revision": recollection.revision},
    )
    return await queries.LOCK.certain(connection, row.id)


async def _ref(connection: Connection, seen: Observation) -> str | None:
    """The ref that it had, or its name, or one that was drawn; None if it was used before."""
    for ref in (seen.recollection.ref, seen.ref):
        if ref is not None and await queries.USE_REF(connection, ref) is not None:
            return ref
    if await queries.LOCK_BY_RESOURCE(connection, *seen.key) is not None:
        # The request that took the ref has stored this resource's row meanwhile.
        return None
    drawn = refs.draw()
    return None if await queries.USE_REF(connection, drawn) is None else drawn


async def _save_managers(
    connection: Connection, row: ProjectRow, seen: Observation, *, met: bool
) -> None:
    """`row` as it was before this was seen; of a resource that is `met` all is new."""
    known = await queries.REPLACE_SPEC.certain(
        connection, row.id, seen.resource_version, seen.spec, row.resource_version
    )
    former = {} if met else known.former
    change = None if former is None else specchange.between(former, seen.spec)
    if change is not None:
        change["generation"] = seen.generation
    await queries.SAVE_MANAGERS(connection, row.id, seen.managers, change)


async def _save_status(connection: Connection, project_id: int, seen: Observation) -> None:
    await queries.SAVE_CONDITIONS(connection, project_id, seen.conditions)
    await queries.DROP_CONDITIONS(
        connection, project_id, [each["type"] for each in seen.conditions]
    )
    await queries.SAVE_COMPONENTS(
        connection,
        project_id,
        [each["name"] for each in seen.components],
        [int(each.get("replicas") or 0) for each in seen.components],
        [int(each.get("readyReplicas") or 0) for each in seen.components],
        [str(each.get("version") or "") for each in seen.components],
    )
    await queries.DROP_COMPONENTS(
        connection, project_id, [each["name"] for each in seen.components]
    )
