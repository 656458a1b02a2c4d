"""Kubernetes Events about a project, on transitions only."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import KubeClient
from supamanager_kube.components import COMPONENTS
from supamanager_kube.conditions import Reason, Type
from supamanager_kube.project import SupabaseProject

logger = logging.getLogger(__name__)

_WINDOW: Final = 600.0
"""Seconds over which the Events of one state are counted."""
_MOST: Final = 5
"""Events of one state of one condition in that time: what flaps is not told each time."""

_BAD: Final = frozenset({Reason.DEGRADED, Reason.INVALID_CONFIGURATION})
_QUIET: Final = frozenset(
    {Reason.AVAILABLE, Reason.STARTING, Reason.PAUSED, Reason.DISABLED, Reason.PROVISIONING}
)
_COMPONENTS: Final = {component.condition: name for name, component in COMPONENTS.items()}

_Kind = Literal["Normal", "Warning"]
_State = tuple[str, str]


@dataclass(frozen=True)
class News:
    kind: _Kind
    reason: str
    message: str


class Told:
    """What was said about one project, so that the same is not said twice."""

    def __init__(self, uid: str) -> None:
        self.uid = uid
        self._disabled = False
        self._states: dict[str, _State] = {}
        self._times: dict[tuple[str, _State], list[float]] = {}

    def transitions(
        self, project: SupabaseProject, status: Mapping[str, Any], *, now: float
    ) -> list[News]:
        """What the new status says that neither the old one nor an Event has said.

        The old one is not enough: its successor may not have been written, or it was lost.
        """
        before = self._states
        self._states = {c["type"]: (c["status"], c["reason"]) for c in status["conditions"]}
        found = []
        for condition in status["conditions"]:
            type_ = condition["type"]
            state = self._states[type_]
            known = project.status.condition(type_)
            if before.get(type_) == state or (known and (known.status, known.reason) == state):
                continue
            kind = _kind(condition)
            if kind and self._may(type_, state, now=now):
                found.append(News(kind, condition["reason"], _text(condition)))
        return found

    def control(self, project: SupabaseProject) -> list[News]:
        """The annotation that stops the operator, when it comes."""
        before = self._disabled
        self._disabled = project.metadata.annotations.get(labels.RECONCILE) == "disabled"
        if before or not self._disabled:
            return []
        text = f"annotation {labels.RECONCILE} stops every write but status"
        return [News("Normal", "ReconcileDisabled", text)]

    def _may(self, type_: str, state: _State, *, now: float) -> bool:
        times = [at for at in self._times.get((type_, state), ()) if now - at < _WINDOW]
        self._times[type_, state] = times
        if len(times) >= _MOST:
            return False
        times.append(now)
        return True


class EventRecorder:
    def __init__(self, client: KubeClient, *, instance: str) -> None:
        self._client = client
        self._instance = instance
        self._told: dict[tuple[str, str], Told] = {}

    async def transitions(self, project: SupabaseProject, status: Mapping[str, Any]) -> None:
        """One Event for each condition of the new status that says something new."""
        for news in self._of(project).transitions(project, status, now=time.monotonic()):
            await self._send(project, news)

    async def control(self, project: SupabaseProject) -> None:
        """To be called at each reconcile: one Event when the project is taken from the operator."""
        for news in self._of(project).control(project):
            await self._send(project, news)

    def forget(self, key: tuple[str, str]) -> None:
        self._told.pop(key, None)

    def _of(self, project: SupabaseProject) -> Told:
        told = self._told.get(project.key)
        if told is None or told.uid != project.metadata.uid:
            told = self._told[project.key] = Told(project.metadata.uid)
        return told

    async def _send(self, project: SupabaseProject, news: News) -> None:
        """A failure to report is logged and nothing else."""
        metadata = project.metadata
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{metadata.name}.{secrets.token_hex(8)}",
                "namespace": metadata.namespace,
            },
            "involvedObject": {
                "apiVersion": labels.API_VERSION,
                "kind": labels.KIND,
                "name": metadata.name,
                "namespace": metadata.namespace,
                "uid": metadata.uid,
                "resourceVersion": metadata.resource_version,
            },
            "type": news.kind,
            "reason": news.reason,
            "message": news.message,
            "action": "Reconcile",
            "source": {"component": labels.MANAGER_OPERATOR},
            "reportingComponent": labels.MANAGER_OPERATOR,
            "reportingInstance": self._instance,
            "firstTimestamp": stamp,
            "lastTimestamp": stamp,
            "count": 1,
        }
        try:
            await self._client.create(kinds.EVENT, body, manager=labels.MANAGER_OPERATOR)
        except errors.KubeError as error:
            extra = {"reason": news.reason, "error": str(error)}
            logger.info("an event was not recorded", extra=extra)


def _kind(condition: Mapping[str, Any]) -> _Kind | None:
    type_, reason = condition["type"], condition["reason"]
    if type_ in _COMPONENTS and reason not in _QUIET:
        return "Warning"
    if type_ == Type.STALLED or reason == Reason.QUOTA_EXCEEDED:
        return "Warning"
    if type_ == Type.READY:
        return "Warning" if reason in _BAD else "Normal"
    if type_ == Type.INITIALIZED and condition["status"] == "True":
        return "Normal"
    return None


def _text(condition: Mapping[str, Any]) -> str:
    """Says the component: what ails two of them may read the same."""
    text = condition["message"] or f"{condition['type']} is {condition['status']}"
    component = _COMPONENTS.get(condition["type"])
    return f"{component}: {text}" if component else text
