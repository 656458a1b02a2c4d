"""How the services of a project are, in the words that the official tools wait for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from supamanager_api.projects import restconfig
from supamanager_api.projects.model import ConditionRow, ProjectRow
from supamanager_api.projects.status import Word
from supamanager_kube.components import COMPONENTS
from supamanager_kube.conditions import Reason

SERVICES: Final[dict[str, str | None]] = {
    "auth": "auth",
    "db": "database",
    "db_postgres_user": "database",
    "pooler": None,
    "realtime": "realtime",
    "rest": "rest",
    "storage": "storage",
    "pg_bouncer": None,
}
"""What is asked for → the component; None: a project has no such service."""

State = Literal["COMING_UP", "ACTIVE_HEALTHY", "UNHEALTHY"]

_COMING: Final = frozenset(
    {Word.COMING_UP, Word.RESTORING, Word.RESTARTING, Word.RESIZING, Word.UPGRADING}
)


@dataclass(frozen=True)
class Health:
    """`error` says why a service is not healthy; `info` is what is known of one that is."""

    name: str
    status: State
    error: str | None = None
    info: dict[str, str] | None = None


def of(
    row: ProjectRow,
    name: str,
    *,
    conditions: Iterable[ConditionRow],
    versions: Mapping[str, str],
) -> Health:
    """The health of one of SERVICES, as the operator saw it last."""
    component = SERVICES[name]
    if component is None:
        return Health(name, "UNHEALTHY", "The project has no such service")
    type_ = COMPONENTS[component].condition
    found = next((each for each in conditions if each.type == type_), None)
    info = _info(row, name, version=versions.get(component) or "")
    if found and found.status == "True":
        return Health(name, "ACTIVE_HEALTHY", info=info)
    coming = row.status in _COMING or (found and found.reason == Reason.STARTING)
    message = (found.message or found.reason) if found else "Nothing is known of it yet"
    return Health(name, "COMING_UP" if coming else "UNHEALTHY", message, info)


def _info(row: ProjectRow, name: str, *, version: str) -> dict[str, str] | None:
    if name == "auth":
        return {"name": "GoTrue", "version": version, "description": "GoTrue"} if version else None
    if name == "rest":
        return {"db_schema": restconfig.told(row)["db_schema"]}
    return None
