"""Carrying out the newest intent of one claimed project.

The row is not locked meanwhile. Whatever happens, doing it again is harmless: an apply of the same
document changes nothing, and with the uid it cannot make an object again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from supamanager_api.database import Connection, Database
from supamanager_api.projects import delivery, inputs, intents, queries, resource, state, submission
from supamanager_api.projects.model import ProjectRow
from supamanager_kube.client import KubeClient

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What was applied, the intent that is left of what was asked for, and what was refused."""

    applied: submission.Applied
    intent: intents.Document
    error: dict[str, Any] | None


async def carry_out(
    database: Database, kube: KubeClient, row: ProjectRow, *, vault: inputs.Vault
) -> None:
    """Apply the intent and record what came of it.

    Raises:
        KubeError: nothing is known about the intent; to be tried again.
    """
    async with database.acquire() as connection:
        sealed = await queries.INPUTS(connection, row.id)
    if sealed:
        values: dict[str, str | None] = {
            each.key: vault.open(each.sealed, ref=row.project_ref, key=each.key) for each in sealed
        }
        await delivery.write(kube, row.namespace, row.resource_name, values=values)
    last_input = sealed[-1].id if sealed else 0
    async with database.transaction() as connection:
        # The write above may have waited long for the API server.
        if await queries.WANTED(connection, row.id, row.claim) is None:
            await queries.POSTPONE(connection, row.id, row.claim, 0.0, None)
            return
    try:
        outcome = await _apply(kube, row)
    except submission.ResourceGone:
        async with database.transaction() as connection:
            await remove(connection, row)
        return
    except submission.Refused as refusal:
        async with database.transaction() as connection:
            refused = await queries.REFUSE(
                connection, row.id, row.claim, row.intent_revision, problem(refusal)
            )
            if refused and row.moving:
                # It would be done later, when nobody expects it.
                await queries.RETURN(connection, row.id, row.label_revision)
            await _done(connection, row, last_input=last_input)
        return
    async with database.transaction() as connection:
        await _record(connection, row, outcome)
        await _done(connection, row, last_input=last_input)


async def remove(connection: Connection, row: ProjectRow, *, uid: str | None = None) -> None:
    """The project's resource is not there any more."""
    await queries.REMOVE(connection, row.id, uid)
    await state.refresh(connection, row.id)


def problem(refusal: submission.Refused) -> dict[str, Any]:
    """A refusal as it is kept in a row."""
    return {"code": refusal.code, "message": refusal.message}


async def _apply(kube: KubeClient, row: ProjectRow) -> Outcome:
    """Apply the intent without those of its new fields that are refused.

    Raises:
        Refused: nothing could be left out.
    """
    intent = row.intent
    asked = state.asked(row)
    refused: submission.Refused | None = None
    while True:
        try:
            applied = await submission.submit(kube, resource.of(row, intent), asked=asked)
        except submission.Refused as refusal:
            creating = row.resource_uid is None and not isinstance(refusal, submission.FieldsOwned)
            back = {field for field in asked if intents.touch(field, refusal.fields)} or asked
            if creating or not back:
                raise
            intent = intents.restored(intent, back, to=row.applied_intent)
            asked -= back
            refused = refused or refusal
        else:
            return Outcome(applied, intent, problem(refused) if refused else None)


async def _record(connection: Connection, row: ProjectRow, outcome: Outcome) -> None:
    body = outcome.applied.body
    metadata = body["metadata"]
    left_out, error = outcome.applied.left_out, outcome.error
    stays = next((owned for owned in left_out if owned.field == resource.LABEL), None)
    stays = stays if row.moving else None
    if stays:
        error = error or {"code": submission.FieldsOwned.code, "message": str(stays)}
    recorded = await queries.FINISH(
        connection,
        row.id,
        row.claim,
        row.intent_revision,
        metadata["uid"],
        outcome.intent,
        [owned.entry() for owned in left_out],
        error,
        resource.intent(outcome.applied.sent),
        int(metadata.get("generation") or 0),
        resource.live(body),
        int(metadata["resourceVersion"]),
    )
    if recorded and stays:
        await queries.RETURN(connection, row.id, row.label_revision)
    logger.info(
        "applied",
        extra={"ref": row.project_ref, "revision": row.intent_revision},
    )


async def _done(connection: Connection, row: ProjectRow, *, last_input: int) -> None:
    if last_input:
        await queries.DELETE_INPUTS(connection, row.id, last_input)
    await state.refresh(connection, row.id)
