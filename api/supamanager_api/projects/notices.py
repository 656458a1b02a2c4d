"""What of a project's changes its people are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from supamanager_api.notifications.model import Priority
from supamanager_api.notifications.service import Notice
from supamanager_api.projects import status
from supamanager_api.projects.model import ProjectRow
from supamanager_api.projects.status import Word

_WORDS: Final[dict[Word, tuple[str, Priority, str]]] = {
    Word.INIT_FAILED: ("project.failed", "Critical", "could not be started"),
    Word.ACTIVE_UNHEALTHY: ("project.unhealthy", "Warning", "is not healthy"),
}
"""Word → name, priority, and what the title says of the project."""
_NO_REASON: Final = "No reason is known yet."


def of(row: ProjectRow, word: Word, view: status.View, *, name: str) -> Iterator[Notice]:
    """The occasions in a row whose word becomes this one; those that were told before included."""
    if word in _WORDS and word is not row.status:
        kind, priority, says = _WORDS[word]
        because = status.explanation(view)
        refusal = row.apply_error["message"] if view.refused and row.apply_error else ""
        yield Notice(
            key=f"{kind}/{row.updated_at.isoformat()}",
            name=kind,
            priority=priority,
            title=f"{name} {says}",
            message=refusal or (because.message if because else "") or _NO_REASON,
        )
    for entry in row.left_out:
        yield Notice(
            key=f"left-out/{entry['field']}/{entry['owner']}",
            name="project.field_left_out",
            priority="Warning",
            title=f"A setting of {name} belongs to somebody else",
            message=f"{entry['field']} is owned by {entry['owner']}: what was asked for here is "
            "not applied.",
        )
    if row.apply_error and not view.refused:
        yield Notice(
            key=f"refused/{row.intent_revision}",
            name="project.change_refused",
            priority="Warning",
            title=f"A change of {name} was refused",
            message=str(row.apply_error["message"]),
        )
