"""Whether a project may be deleted: its spec says so, and the cluster enforces it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from supamanager_api.projects import state
from supamanager_api.projects.model import ProjectRow

FIELD: Final = "deletionProtection"
REFUSAL: Final = "The project is protected from deletion: set deletion_protection to false first"


def of(row: ProjectRow) -> bool:
    """As it will be once the newest intent is applied."""
    return bool(state.spec(row).get(FIELD))


def ends(row: ProjectRow) -> bool:
    """Whether the newest intent takes it away and is not applied yet."""
    return row.pending and (row.intent.get("spec") or {}).get(FIELD) is False


def protects(body: Mapping[str, Any]) -> bool:
    """Whether the cluster would refuse to delete this resource, which is not ending already."""
    ending = "deletionTimestamp" in body["metadata"]
    return not ending and bool((body.get("spec") or {}).get(FIELD))
