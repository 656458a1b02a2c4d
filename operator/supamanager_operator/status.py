"""The status of a project: a pure function of the resource, what was observed, and the time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from supamanager_kube.conditions import Reason, Type
from supamanager_kube.project import Condition, SupabaseProject
from supamanager_operator import rollout, verdicts
from supamanager_operator.errors import Stalled
from supamanager_operator.verdicts import Observation, Verdict

_MAX_MESSAGE: Final = 1024

_AT_REST: Final = frozenset({Reason.DISABLED, Reason.PAUSED})
"""Reasons of a component that is not meant to run, and so is not down."""


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
    conditions = _Conditions(project, now, generation=generation)
    components = [
        conditions.carry(verdicts.component(project, component)) for component in seen.components
    ]
    ready = (
        verdicts.paused(asleep=paused)
        if pausing
        else verdicts.ready(project, seen, components, now=now, degraded_after=degraded_after)
    )
    listed = [
        ready,
        Verdict(Type.INITIALIZED, True, Reason.INITIALIZED)
        if seen.initialized
        else Verdict(Type.INITIALIZED, False, Reason.PENDING, "the first start is not complete"),
        Verdict(Type.PAUSED, True, Reason.REQUESTED)
        if paused
        else Verdict(Type.PAUSED, False, Reason.RUNNING),
        verdicts.secrets(seen),
        verdicts.network(seen),
    ]
    if seen.stalled:
        listed.append(Verdict(Type.STALLED, True, seen.stalled.reason, seen.stalled.message))
    elif change := rollout.verdict(project, seen, ready=ready, pausing=pausing, paused=paused):
        listed.append(change)
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
    listed = [Verdict(Type.READY, False, Reason.DELETING, message)]
    if blocked:
        listed.append(Verdict(Type.STALLED, True, Reason.CLEANUP_BLOCKED, message))
    dropped = {Type.READY, Type.STALLED, Type.RECONCILING}
    kept = [
        condition.model_dump(by_alias=True, exclude_none=True)
        for condition in project.status.conditions
        if condition.type not in dropped
    ]
    return {
        **project.status.model_dump(by_alias=True, exclude_none=True),
        "observedGeneration": project.metadata.generation,
        "conditions": [*(conditions.carry(verdict) for verdict in listed), *kept],
    }


class _Conditions:
    """Gives conditions their times: a transition is a change of status, or a component's waking."""

    def __init__(self, project: SupabaseProject, now: datetime, *, generation: int) -> None:
        self._project = project
        self._generation = max(generation, 0)
        self._now = now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def carry(self, verdict: Verdict) -> dict[str, Any]:
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


def _wakes(known: Condition, verdict: Verdict) -> bool:
    """Whether a component is asked to run from now on: it cannot have been down before."""
    left = known.reason in _AT_REST and verdict.reason not in _AT_REST
    return left and verdict.type != Type.READY


def was_applied(project: SupabaseProject) -> bool:
    """Whether the status says that everything was written that follows from the spec as it is."""
    told = project.status
    if told.observed_generation != project.metadata.generation:
        return False
    ready, change = told.condition(Type.READY), told.condition(Type.RECONCILING)
    if ready is None or ready.reason in (Reason.PROVISIONING, Reason.INVALID_CONFIGURATION):
        return False
    return change is None or (
        change.reason != Reason.RECONCILE_DISABLED
        and not change.message.startswith(rollout.APPLYING)
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
