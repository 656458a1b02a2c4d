"""The word that a project's state is told in: the vocabulary of the hosted service.

One pure function decides, so that the request that changes a project, the applier and the mirror
cannot tell it differently. A project that nobody reports on keeps its last word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from supamanager_kube.conditions import Reason, Type


class Word(StrEnum):
    COMING_UP = "COMING_UP"
    ACTIVE_HEALTHY = "ACTIVE_HEALTHY"
    ACTIVE_UNHEALTHY = "ACTIVE_UNHEALTHY"
    INACTIVE = "INACTIVE"
    PAUSING = "PAUSING"
    RESTARTING = "RESTARTING"
    RESIZING = "RESIZING"
    UPGRADING = "UPGRADING"
    RESTORING = "RESTORING"
    GOING_DOWN = "GOING_DOWN"
    INIT_FAILED = "INIT_FAILED"
    REMOVED = "REMOVED"


@dataclass(frozen=True)
class Condition:
    """A condition as the operator reported it."""

    type: str
    status: str
    reason: str
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class View:
    """What is known of a project: its intent over its resource, and what was observed of it."""

    gone: bool = False
    """The resource was there and is not any more."""
    deleting: bool = False
    """Deletion was asked for, by whomever."""
    paused: bool = False
    """What `spec.paused` is, or will be once the intent is applied."""
    edit: Reason | None = None
    """What the newest edit comes to, while the operator has not observed it."""
    refused: bool = False
    """The API server refused to create the resource."""
    conditions: Mapping[str, Condition]

    def status(self, type_: str) -> str:
        condition = self.conditions.get(type_)
        return condition.status if condition else ""

    def reason(self, type_: str) -> str:
        condition = self.conditions.get(type_)
        return condition.reason if condition else ""


_ROLL_OUTS: Final = {
    Reason.RESTARTING: Word.RESTARTING,
    Reason.RESIZING: Word.RESIZING,
    Reason.UPGRADING: Word.UPGRADING,
}
_EDITS: Final = (
    ("version", Reason.UPGRADING),
    ("size", Reason.RESIZING),
    ("restart", Reason.RESTARTING),
)


def word(view: View) -> Word:
    if view.gone:
        return Word.REMOVED
    if view.deleting:
        return Word.GOING_DOWN
    if view.paused:
        return Word.INACTIVE if view.status(Type.PAUSED) == "True" else Word.PAUSING
    if view.status(Type.INITIALIZED) != "True":
        # A host that is another's does not keep a project from its first start.
        stalled = (
            view.status(Type.STALLED) == "True"
            and view.reason(Type.STALLED) != Reason.HOST_CONFLICT
        )
        return Word.INIT_FAILED if view.refused or stalled else Word.COMING_UP
    return _live(view)


def _live(view: View) -> Word:
    """The word of a project that has been ready once and should be running."""
    served = view.status(Type.READY) != "False"
    resuming = view.reason(Type.READY) in (Reason.PAUSED, Reason.STARTING)
    if view.status(Type.PAUSED) == "True" or (not served and resuming):
        return Word.RESTORING
    running = view.reason(Type.RECONCILING) if view.status(Type.RECONCILING) == "True" else ""
    for reason in (view.edit, running):
        if reason in _ROLL_OUTS:
            return _ROLL_OUTS[Reason(reason)]
    return Word.ACTIVE_HEALTHY if served else Word.ACTIVE_UNHEALTHY


def edit(before: Mapping[str, Any], after: Mapping[str, Any]) -> Reason | None:
    """The `Reconciling` reason that the operator will give the change between two specs.

    None stands for a change that shows in no word, or of a spec that was never observed.
    """
    for field, reason in _EDITS:
        if before and after.get(field) and after[field] != before.get(field):
            return reason
    return None


def explanation(view: View) -> Condition | None:
    """The condition that tells why the word is what it is."""
    if view.status(Type.STALLED) == "True":
        return view.conditions[Type.STALLED]
    return view.conditions.get(Type.READY)
