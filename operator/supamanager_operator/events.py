"""Kubernetes Events about a project, on transitions only."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import KubeClient
from supamanager_kube.components import COMPONENTS
from supamanager_kube.conditions import Reason, Type
from supamanager_kube.project import SupabaseProject

logger = logging.getLogger(__name__)

_SILENCE: Final = 600.0
"""Seconds in which the same reason is not reported twice for a project."""

_BAD: Final = frozenset({Reason.DEGRADED, Reason.INVALID_CONFIGURATION})


class EventRecorder:
    def __init__(self, client: KubeClient, *, instance: str) -> None:
        self._client = client
        self._instance = instance
        self._sent: dict[tuple[str, str], float] = {}

    async def transitions(self, project: SupabaseProject, status: Mapping[str, Any]) -> None:
        """One Event for each condition of the new status that says something new."""
        for condition in status["conditions"]:
            known = project.status.condition(condition["type"])
            if known and (known.status, known.reason) == (condition["status"], condition["reason"]):
                continue
            if kind := _event_type(condition):
                text = condition["message"] or f"{condition['type']} is {condition['status']}"
                await self.send(project, kind, reason=condition["reason"], message=text)

    async def send(
        self,
        project: SupabaseProject,
        kind: Literal["Normal", "Warning"],
        *,
        reason: str,
        message: str,
    ) -> None:
        """A failure to report is logged and nothing else."""
        metadata = project.metadata
        now = time.monotonic()
        self._sent = {key: at for key, at in self._sent.items() if now - at < _SILENCE}
        if (metadata.uid, reason) in self._sent:
            return
        self._sent[metadata.uid, reason] = now
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
            "type": kind,
            "reason": reason,
            "message": message,
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
            logger.info("an event was not recorded", extra={"reason": reason, "error": str(error)})


_COMPONENT_TYPES: Final = frozenset(component.condition for component in COMPONENTS.values())
_QUIET: Final = frozenset(
    {Reason.AVAILABLE, Reason.STARTING, Reason.PAUSED, Reason.DISABLED, Reason.PROVISIONING}
)


def _event_type(condition: Mapping[str, Any]) -> Literal["Normal", "Warning"] | None:
    type_, reason = condition["type"], condition["reason"]
    if type_ == Type.STALLED or (type_ in _COMPONENT_TYPES and reason not in _QUIET):
        return "Warning"
    if type_ == Type.READY:
        return "Warning" if reason in _BAD else "Normal"
    if type_ == Type.INITIALIZED and condition["status"] == "True":
        return "Normal"
    return None
