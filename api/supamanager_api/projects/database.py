"""How a project's database is, in the words that are known for one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from supamanager_api.projects.model import ConditionRow, ProjectRow
from supamanager_api.projects.status import Word
from supamanager_kube import components

NAME: Final = "postgres"
USER: Final = "postgres"

_FOREIGN: Final = {
    Word.PAUSING: Word.GOING_DOWN,
    Word.INACTIVE: Word.GOING_DOWN,
    Word.UPGRADING: Word.RESTARTING,
}
"""Words of projects that databases do not have."""
_LIVE: Final = (Word.ACTIVE_HEALTHY, Word.ACTIVE_UNHEALTHY)


def word(row: ProjectRow, conditions: Iterable[ConditionRow]) -> Word:
    """A live project's database may be well while a service is not."""
    if row.status not in _LIVE:
        return _FOREIGN.get(row.status, row.status)
    type_ = components.COMPONENTS["database"].condition
    ready = any(each.type == type_ and each.status == "True" for each in conditions)
    return Word.ACTIVE_HEALTHY if ready else Word.ACTIVE_UNHEALTHY
