"""Restarting services: the names that they are asked for by, and what it is in a spec."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from supamanager_api import errors
from supamanager_api.projects import state
from supamanager_api.projects.intents import Document
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import components

HOSTED: Final = {
    "postgresql": "database",
    "gotrue": "auth",
    "postgrest": "rest",
    "kong": "gateway",
    "envoy": "gateway",
}
"""The hosted service's names of components that have another one here. What it has beside them
(a pooler, an agent on the machine, an archiver of the log) no project has here."""

NAMES: Final = {**HOSTED, **{name: name for name in components.COMPONENTS}}

_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"
_SECOND: Final = timedelta(seconds=1)


def resolve(names: Iterable[str]) -> set[str]:
    """The components of these names.

    Raises:
        Invalid: there is no such service, or none is named.
    """
    asked = list(names)
    if unknown := sorted(set(asked) - NAMES.keys()):
        raise errors.Invalid(
            f"services: a project has no {', '.join(unknown)}; it has {', '.join(NAMES)}"
        )
    if not asked:
        raise errors.Invalid("services: names none")
    return {NAMES[name] for name in asked}


def spec(row: ProjectRow, services: Collection[str] | None, *, now: datetime) -> Document:
    """The change that restarts all services, or these components.

    Its time is later than every restart that was asked for before, whatever the clocks of those
    who asked said.

    Raises:
        Conflict: there is nothing to restart.
    """
    live = state.spec(row)
    if live.get("paused"):
        raise errors.Conflict("The project is paused: nothing of it runs")
    off = [name for name in sorted(services or ()) if not state.enabled(live, name)]
    if off:
        raise errors.Conflict(f"{', '.join(off)}: is switched off")
    later = [told + _SECOND for told in _times(live.get("restart") or {})]
    at = max([now, *later]).strftime(_FORM)
    if services is None:
        return {"restart": {"at": at}}
    return {"restart": {"services": dict.fromkeys(sorted(services), at)}}


def _times(restart: dict[str, Any]) -> Iterator[datetime]:
    for text in (restart.get("at"), *(restart.get("services") or {}).values()):
        if text:
            yield datetime.strptime(text, _FORM).replace(tzinfo=UTC)
