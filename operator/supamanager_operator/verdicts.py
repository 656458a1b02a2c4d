"""What is said of a project: one verdict a condition, from the resource and what was observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from supamanager_kube.components import COMPONENTS
from supamanager_kube.conditions import Reason, Type
from supamanager_kube.project import SupabaseProject
from supamanager_operator.errors import QuotaExceeded, Stalled
from supamanager_operator.observe import ComponentState
from supamanager_operator.workload import JobState

PAUSING: Final = "waiting for all pods to end"

_UNUSABLE_SPEC: Final = frozenset(
    {
        Reason.INVALID_CONFIGURATION,
        Reason.IMMUTABLE_FIELD,
        Reason.UNKNOWN_VERSION,
        Reason.VERSION_MISMATCH,
    }
)
"""Verdicts on the spec; with one of them a project that never ran is not being provisioned."""


@dataclass(frozen=True, kw_only=True)
class Observation:
    components: tuple[ComponentState, ...]
    volumes: tuple[Mapping[str, str], ...] = ()
    initialized: bool = False
    stopped: bool = False
    """Whether an annotation keeps the operator from writing anything but this status."""
    applied: bool = False
    """Whether everything rendered for this generation was applied."""
    waiting_for: str = ""
    """What the stage that holds up the others waits for."""
    init_job: JobState = ""
    pods_gone: bool = False
    """Whether no pod is left; only looked at while paused."""
    stalled: Stalled | None = None
    refused: QuotaExceeded | None = None
    secrets_present: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the status that are copied: endpoints, secretRefs, apiKeys, versions."""


@dataclass(frozen=True)
class Verdict:
    type: str
    status: bool
    reason: Reason
    message: str = ""


def component(project: SupabaseProject, state: ComponentState) -> Verdict:
    type_ = COMPONENTS[state.name].condition
    if not state.enabled:
        return Verdict(type_, False, Reason.DISABLED)
    if project.spec.paused and not state.wanted:
        text = "its pods are ending" if state.replicas else ""
        return Verdict(type_, False, Reason.PAUSED, text)
    if state.available:
        return Verdict(type_, True, Reason.AVAILABLE)
    return Verdict(type_, False, *state.trouble)


def paused(*, asleep: bool) -> Verdict:
    text = "all services are scaled to zero" if asleep else PAUSING
    return Verdict(Type.READY, False, Reason.PAUSED, text)


def ready(
    project: SupabaseProject,
    seen: Observation,
    components: list[dict[str, Any]],
    *,
    now: datetime,
    degraded_after: timedelta,
) -> Verdict:
    enabled = [component for component in seen.components if component.enabled]
    down = [component.name for component in enabled if not component.available]
    message = f"{len(down)} of {len(enabled)} services are not ready: {', '.join(down)}"
    if not seen.initialized:
        if seen.stalled and not seen.stalled.goes_on:
            unusable = seen.stalled.reason in _UNUSABLE_SPEC
            reason = Reason.INVALID_CONFIGURATION if unusable else Reason.PROVISIONING
            return Verdict(Type.READY, False, reason, seen.stalled.message)
        if not seen.applied:
            if seen.refused:
                message = seen.refused.message
            elif seen.waiting_for:
                message = f"waiting for {seen.waiting_for}"
            return Verdict(Type.READY, False, Reason.PROVISIONING, message)
        return Verdict(Type.READY, False, Reason.STARTING, message)
    if not down:
        return Verdict(Type.READY, True, Reason.ACTIVE, "all services are ready")
    known = project.status.condition(Type.READY)
    if known is None or known.reason not in (Reason.ACTIVE, Reason.DEGRADED):
        return Verdict(Type.READY, False, Reason.STARTING, message)
    if known.reason == Reason.DEGRADED or now - _down_since(components) > degraded_after:
        return Verdict(Type.READY, False, Reason.DEGRADED, message)
    return Verdict(Type.READY, True, Reason.ACTIVE, "all services are ready")


def _down_since(components: list[dict[str, Any]]) -> datetime:
    return min(
        datetime.fromisoformat(condition["lastTransitionTime"])
        for condition in components
        if condition["status"] == "False" and condition["reason"] != Reason.DISABLED
    )


def secrets(seen: Observation) -> Verdict:
    if seen.stalled and seen.stalled.about_secrets:
        missing = seen.stalled.reason is Reason.SECRET_MISSING
        reason = Reason.MISSING if missing else Reason.INVALID
        return Verdict(Type.SECRETS_READY, False, reason, seen.stalled.message)
    if seen.refused and seen.refused.about_secrets:
        return Verdict(Type.SECRETS_READY, False, Reason.QUOTA_EXCEEDED, seen.refused.message)
    if not seen.secrets_present:
        return Verdict(Type.SECRETS_READY, False, Reason.MISSING, "not generated yet")
    return Verdict(Type.SECRETS_READY, True, Reason.AVAILABLE)


def network(seen: Observation) -> Verdict:
    if seen.stalled and seen.stalled.reason is Reason.HOST_CONFLICT:
        return Verdict(Type.NETWORK_READY, False, Reason.REJECTED, seen.stalled.message)
    return Verdict(Type.NETWORK_READY, True, Reason.IN_CLUSTER, "no public route is asked for")
