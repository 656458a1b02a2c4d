"""A project's row and conditions as one view, and the word that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from supamanager_api.database import Connection
from supamanager_api.notifications import service as notifications
from supamanager_api.projects import intents, notices, queries, status
from supamanager_api.projects.model import ConditionRow, ProjectRow


def left_out(row: ProjectRow) -> set[str]:
    """The fields of the intent that are known to be somebody else's."""
    return {entry["field"] for entry in row.left_out}


def asked(row: ProjectRow) -> set[str]:
    """The fields that the newest intent changes and that are not known to be somebody else's."""
    others = left_out(row)
    changed = intents.changed(row.applied_intent, row.intent)
    return {field for field in changed if not intents.touch(field, others)}


def spec(row: ProjectRow) -> dict[str, Any]:
    """The live spec, with what the intent will change in it."""
    if not row.pending:
        return row.live
    change = intents.only(row.intent, asked(row))
    return intents.merged(row.live, change.get("spec", {}))


def enabled(spec: Mapping[str, Any], component: str) -> bool:
    """Whether a service is not switched off."""
    return ((spec.get("services") or {}).get(component) or {}).get("enabled") is not False


def name(row: ProjectRow) -> str:
    """The name that people see."""
    return str(spec(row).get("displayName") or row.resource_name)


def view(row: ProjectRow, conditions: Iterable[ConditionRow]) -> status.View:
    """What is known of a project, as its word and its explanation are made of it."""
    wanted = spec(row)
    unobserved = row.pending or row.generation > row.observed_generation
    return status.View(
        gone=row.removed_at is not None,
        deleting=row.deleting or row.deletion_requested_at is not None,
        paused=bool(wanted.get("paused")),
        edit=status.edit(row.observed, wanted) if unobserved else None,
        refused=row.resource_uid is None and not row.pending,
        conditions={
            each.type: status.Condition(each.type, each.status, each.reason, each.message)
            for each in conditions
        },
    )


async def refresh(connection: Connection, project_id: int) -> status.Word:
    """Bring a row's word and name in line with the row, and tell people and listeners of it.

    To be called last in a transaction that changed the project: it locks the row.
    """
    row = await queries.LOCK.certain(connection, project_id)
    seen = view(row, await queries.CONDITIONS(connection, project_id))
    word = status.word(seen)
    for notice in notices.of(row, word, seen, name=name(row)):
        await notifications.tell(connection, project_id, notice)
    await queries.SET_STATUS(connection, project_id, word, name(row))
    await queries.NOTIFY_CHANGE(connection, project_id)
    return word
