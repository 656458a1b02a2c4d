"""The status of a project: a pure function of the resource, what was observed, and the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from supamanager_kube import labels
from supamanager_kube.components import COMPONENTS
from supamanager_kube.conditions import Reason, Type
from supamanager_kube.project import Condition, SupabaseProject
from supamanager_operator.errors import QuotaExceeded, Stalled
from supamanager_operator.observe import ComponentState
from supamanager_operator.workload import JobState

_MAX_MESSAGE: Final = 1024

_UNUSABLE_SPEC: Final = frozenset(
    {
        Reason.INVALID_CONFIGURATION,
        Reason.IMMUTABLE_FIELD,
        Reason.UNKNOWN_VERSION,
        Reason.VERSION_MISMATCH,
    }
)
"""Verdicts on the spec; with one of them a project that never ran is not being provisioned."""


_CAUSES: Final = (Reason.RESIZING, Reason.RESTARTING)

_AT_REST: Final = frozenset({Reason.DISABLED, Reason.PAUSED})
"""Reasons of a component that is not meant to run, and so is not down."""

_PAUSING: Final = "waiting for all pods to end"
_APPLYING: Final = "applying the change"


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
class _Verdict:
    type: str
    status: bool
    reason: Reason
    message: str = ""


def compute(
    project: SupabaseProject,
    seen: Observation,
    *,
    now: datetime,
    degraded_after: timedelta,
) -> dict[str, Any]:
    """The whole status, as it is applied."""
    enabled = [component for component in seen.components if component.enabled]
    asleep = seen.pods_gone and not any(c.wanted or c.replicas for c in enabled)
    # Nobody pauses a project that the operator is kept from.
    pausing = project.spec.paused and not (seen.stopped and any(c.wanted for c in enabled))
    paused = pausing and asleep
    known = project.status.observed_generation
    generation = known if seen.stopped else project.metadata.generation
    verdicts = [_component(project, component) for component in seen.components]
    conditions = _Conditions(project, now, generation=generation)
    components = [conditions.carry(verdict) for verdict in verdicts]
    ready = (
        _paused(paused=paused)
        if pausing
        else _ready(project, seen, components, now=now, degraded_after=degraded_after)
    )
    listed = [
        ready,
        _Verdict(Type.INITIALIZED, True, Reason.INITIALIZED)
        if seen.initialized
        else _Verdict(Type.INITIALIZED, False, Reason.PENDING, "the first start is not complete"),
        _Verdict(Type.PAUSED, True, Reason.REQUESTED)
        if paused
        else _Verdict(Type.PAUSED, False, Reason.RUNNING),
        _secrets(seen),
        _network(seen),
    ]
    if seen.stalled:
        listed.append(_Verdict(Type.STALLED, True, seen.stalled.reason, seen.stalled.message))
    elif rollout := _reconciling(project, seen, ready=ready, pausing=pausing, paused=paused):
        listed.append(rollout)
    return {
        "observedGeneration": generation,
        "conditions": [*(conditions.carry(verdict) for verdict in listed), *components],
        "components": [
            {
                "name": component.name,
                "replicas": component.wanted,
                "readyReplicas": component.ready,
                "version": component.version,
            }
            for component in enabled
        ],
        "volumes": list(seen.volumes),
        "summary": f"{sum(component.available for component in enabled)}/{len(enabled)}",
        **seen.facts,
    }


def deleting(
    project: SupabaseProject, *, message: str, blocked: bool, now: datetime
) -> dict[str, Any]:
    """The conditions of a project on its way out; the rest of the status stays as it was."""
    conditions = _Conditions(project, now, generation=project.metadata.generation)
    verdicts = [_Verdict(Type.READY, False, Reason.DELETING, message)]
    if blocked:
        verdicts.append(_Verdict(Type.STALLED, True, Reason.CLEANUP_BLOCKED, message))
    dropped = {Type.READY, Type.STALLED, Type.RECONCILING}
    kept = [
        condition.model_dump(by_alias=True, exclude_none=True)
        for condition in project.status.conditions
        if condition.type not in dropped
    ]
    return {
        **project.status.model_dump(by_alias=True, exclude_none=True),
        "observedGeneration": project.metadata.generation,
        "conditions": [*(conditions.carry(verdict) for verdict in verdicts), *kept],
    }


class _Conditions:
    """Gives conditions their times: a transition is a change of status, or a component's waking."""

    def __init__(self, project: SupabaseProject, now: datetime, *, generation: int) -> None:
        self._project = project
        self._generation = max(generation, 0)
        self._now = now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def carry(self, verdict: _Verdict) -> dict[str, Any]:
        status = "True" if verdict.status else "False"
        known = self._project.status.condition(verdict.type)
        same = known is not None and known.status == status and not _wakes(known, verdict)
        return {
            "type": str(verdict.type),
            "status": status,
            "reason": str(verdict.reason),
            "message": verdict.message[:_MAX_MESSAGE],
            "observedGeneration": self._generation,
            "lastTransitionTime": known.last_transition_time if known and same else self._now,
        }


def _wakes(known: Condition, verdict: _Verdict) -> bool:
    """Whether a component is asked to run from now on: it cannot have been down before."""
    left = known.reason in _AT_REST and verdict.reason not in _AT_REST
    return left and verdict.type != Type.READY


def _component(project: SupabaseProject, state: ComponentState) -> _Verdict:
    type_ = COMPONENTS[state.name].condition
    if not state.enabled:
        return _Verdict(type_, False, Reason.DISABLED)
    if project.spec.paused and not state.wanted:
        text = "its pods are ending" if state.replicas else ""
        return _Verdict(type_, False, Reason.PAUSED, text)
    if state.available:
        return _Verdict(type_, True, Reason.AVAILABLE)
    return _Verdict(type_, False, *state.trouble)


def _paused(*, paused: bool) -> _Verdict:
    text = "all services are scaled to zero" if paused else _PAUSING
    return _Verdict(Type.READY, False, Reason.PAUSED, text)


def _ready(
    project: SupabaseProject,
    seen: Observation,
    components: list[dict[str, Any]],
    *,
    now: datetime,
    degraded_after: timedelta,
) -> _Verdict:
    enabled = [component for component in seen.components if component.enabled]
    down = [component.name for component in enabled if not component.available]
    message = f"{len(down)} of {len(enabled)} services are not ready: {', '.join(down)}"
    if not seen.initialized:
        if seen.stalled and not seen.stalled.goes_on:
            unusable = seen.stalled.reason in _UNUSABLE_SPEC
            reason = Reason.INVALID_CONFIGURATION if unusable else Reason.PROVISIONING
            return _Verdict(Type.READY, False, reason, seen.stalled.message)
        if not seen.applied:
            if seen.refused:
                message = seen.refused.message
            elif seen.waiting_for:
                message = f"waiting for {seen.waiting_for}"
            return _Verdict(Type.READY, False, Reason.PROVISIONING, message)
        return _Verdict(Type.READY, False, Reason.STARTING, message)
    if not down:
        return _Verdict(Type.READY, True, Reason.ACTIVE, "all services are ready")
    known = project.status.condition(Type.READY)
    if known is None or known.reason not in (Reason.ACTIVE, Reason.DEGRADED):
        return _Verdict(Type.READY, False, Reason.STARTING, message)
    if known.reason == Reason.DEGRADED or now - _down_since(components) > degraded_after:
        return _Verdict(Type.READY, False, Reason.DEGRADED, message)
    return _Verdict(Type.READY, True, Reason.ACTIVE, "all services are ready")


def _down_since(components: list[dict[str, Any]]) -> datetime:
    return min(
        datetime.fromisoformat(condition["lastTransitionTime"])
        for condition in components
        if condition["status"] == "False" and condition["reason"] != Reason.DISABLED
    )


def _secrets(seen: Observation) -> _Verdict:
    if seen.stalled and seen.stalled.about_secrets:
        missing = seen.stalled.reason is Reason.SECRET_MISSING
        reason = Reason.MISSING if missing else Reason.INVALID
        return _Verdict(Type.SECRETS_READY, False, reason, seen.stalled.message)
    if seen.refused and seen.refused.about_secrets:
        return _Verdict(Type.SECRETS_READY, False, Reason.QUOTA_EXCEEDED, seen.refused.message)
    if not seen.secrets_present:
        return _Verdict(Type.SECRETS_READY, False, Reason.MISSING, "not generated yet")
    return _Verdict(Type.SECRETS_READY, True, Reason.AVAILABLE)


def _network(seen: Observation) -> _Verdict:
    if seen.stalled and seen.stalled.reason is Reason.HOST_CONFLICT:
        return _Verdict(Type.NETWORK_READY, False, Reason.REJECTED, seen.stalled.message)
    return _Verdict(Type.NETWORK_READY, True, Reason.IN_CLUSTER, "no public route is asked for")


def _reconciling(
    project: SupabaseProject, seen: Observation, *, ready: _Verdict, pausing: bool, paused: bool
) -> _Verdict | None:
    enabled = [component for component in seen.components if component.enabled]
    there = all(component.version for component in enabled)
    done = seen.applied and there and (seen.initialized or paused)
    if seen.stopped and not done:
        text = f"annotation {labels.RECONCILE} keeps the operator from bringing it to its spec"
        return _Verdict(Type.RECONCILING, True, Reason.RECONCILE_DISABLED, text)
    if pausing:
        if paused:
            return None
        return _Verdict(Type.RECONCILING, True, Reason.PAUSING, _PAUSING)
    if not seen.initialized:
        return _Verdict(Type.RECONCILING, True, Reason.PROGRESSING, ready.message)
    if ready.reason is Reason.STARTING:
        return _Verdict(Type.RECONCILING, True, Reason.RESUMING, ready.message)
    cause = _cause(project, seen)
    if not seen.applied:
        text = f"{_APPLYING}: {seen.refused.message}" if seen.refused else _APPLYING
        return _Verdict(Type.RECONCILING, True, cause, text)
    rolling = [component for component in enabled if not component.rolled_out]
    if rolling:
        return _Verdict(Type.RECONCILING, True, cause, _rollout_text(rolling))
    if seen.init_job == "Active":
        return _Verdict(Type.RECONCILING, True, Reason.PROGRESSING, "the init Job runs")
    return None


def _cause(project: SupabaseProject, seen: Observation) -> Reason:
    """What the change is, as the workloads differ from the spec; once they carry it, only the
    status remembers what rolls."""
    spec = project.spec
    there = [component for component in seen.components if component.enabled and component.version]
    if any(component.size not in ("", spec.size) for component in there):
        return Reason.RESIZING
    if any(spec.restart.asked(c.name) not in ("", c.restarted_at) for c in there):
        return Reason.RESTARTING
    known = project.status.condition(Type.RECONCILING)
    return next((cause for cause in _CAUSES if known and known.reason == cause), Reason.PROGRESSING)


def _rollout_text(rolling: list[ComponentState]) -> str:
    """Names what rolls, and says why where a pod has a reason beyond starting."""
    parts = [
        component.name
        if component.trouble[0] is Reason.STARTING
        else f"{component.name} ({component.trouble[0]}: {component.trouble[1]})"
        for component in rolling
    ]
    return f"rolling out {', '.join(parts)}"


def was_applied(project: SupabaseProject) -> bool:
    """Whether the status says that everything was written that follows from the spec as it is."""
    told = project.status
    if told.observed_generation != project.metadata.generation:
        return False
    ready, rollout = told.condition(Type.READY), told.condition(Type.RECONCILING)
    if ready is None or ready.reason in (Reason.PROVISIONING, Reason.INVALID_CONFIGURATION):
        return False
    return rollout is None or (
        rollout.reason != Reason.RECONCILE_DISABLED and not rollout.message.startswith(_APPLYING)
    )


def stall(project: SupabaseProject) -> Stalled | None:
    """What the status says that a person must mend."""
    known, secrets = (
        project.status.condition(type_) for type_ in (Type.STALLED, Type.SECRETS_READY)
    )
    if known is None:
        return None
    about_secrets = secrets is not None and secrets.status == "False"
    return Stalled(Reason(known.reason), known.message, about_secrets=about_secrets)


def find(status: Mapping[str, Any], type_: str) -> Condition | None:
    """A condition of a computed status."""
    for condition in status["conditions"]:
        if condition["type"] == type_:
            return Condition.model_validate(condition)
    return None
