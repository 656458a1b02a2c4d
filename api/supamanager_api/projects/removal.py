"""Carrying out the deletion of one claimed project.

The resource is deleted by its uid: one that took its name is not ours to delete.
"""

from __future__ import annotations

from typing import Any

from supamanager_api.database import Database
from supamanager_api.projects import (
    application,
    delivery,
    inputs,
    protection,
    queries,
    rehearsal,
    resource,
    state,
    submission,
)
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import Body, KubeClient


async def carry_out(database: Database, kube: KubeClient, row: ProjectRow) -> None:
    """Delete the resource and record it; that it is gone, the mirror records.

    Raises:
        KubeError: to be tried again.
    """
    body = await _find(kube, row)
    if body is None:
        await _forget(database, kube, row)
        return
    if reason := rehearsal.obstacle(body, row):
        await _cancel(database, row, {"code": 409, "message": reason})
        return
    if protection.protects(body):
        # Taking it away was asked for before the deletion, and is not carried out yet.
        try:
            await submission.submit(kube, resource.of(row, row.intent), asked=state.asked(row))
        except submission.ResourceGone:
            raise errors.Conflict("another resource took its name") from None
        except submission.Refused as refusal:
            await _cancel(database, row, application.problem(refusal))
            return
    uid = body["metadata"]["uid"]
    try:
        await kube.delete(kinds.PROJECT, row.namespace, row.resource_name, uid=uid)
    except (errors.NotFound, errors.Conflict):
        # The next attempt finds out which of the two objects is there.
        if await _find(kube, row) is None:
            await _forget(database, kube, row)
            return
        raise
    async with database.transaction() as connection:
        await queries.BIND(connection, row.id, uid)
        await queries.DELETION_SENT(connection, row.id, row.claim)
        await state.refresh(connection, row.id)


async def _cancel(database: Database, row: ProjectRow, problem: dict[str, Any]) -> None:
    async with database.transaction() as connection:
        await queries.CANCEL_DELETION(connection, row.id, row.claim, problem)
        await state.refresh(connection, row.id)


async def _find(kube: KubeClient, row: ProjectRow) -> Body | None:
    """The live resource of this project, and of no other."""
    try:
        body = await kube.get(kinds.PROJECT, row.namespace, row.resource_name)
    except errors.NotFound:
        return None
    metadata = body["metadata"]
    if row.resource_uid is not None:
        return body if metadata["uid"] == row.resource_uid else None
    ours = (metadata.get("labels") or {}).get(labels.REF) == row.project_ref
    return body if ours else None


async def _forget(database: Database, kube: KubeClient, row: ProjectRow) -> None:
    """The row of a project without a resource; a password that was written for it is taken back."""
    if row.resource_uid is None and row.former_uid is None:
        taken = {inputs.DATABASE_PASSWORD: None}
        await delivery.write(kube, row.namespace, row.resource_name, values=taken)
    async with database.transaction() as connection:
        await queries.DELETE_INPUTS(connection, row.id, 2**62)
        await application.remove(connection, row)
