"""Whether a change is on its way, and what it is: the condition Reconciling."""

from __future__ import annotations

from typing import Final

from supamanager_kube import labels
from supamanager_kube.conditions import Reason, Type
from supamanager_kube.project import SupabaseProject
from supamanager_operator.observe import ComponentState
from supamanager_operator.verdicts import PAUSING, Observation, Verdict

APPLYING: Final = "applying the change"

_CAUSES: Final = (Reason.RESIZING, Reason.RESTARTING)


def verdict(
    project: SupabaseProject, seen: Observation, *, ready: Verdict, pausing: bool, paused: bool
) -> Verdict | None:
    enabled = [component for component in seen.components if component.enabled]
    there = all(component.version for component in enabled)
    done = seen.applied and there and (seen.initialized or paused)
    if seen.stopped and not done:
        text = f"annotation {labels.RECONCILE} keeps the operator from bringing it to its spec"
        return Verdict(Type.RECONCILING, True, Reason.RECONCILE_DISABLED, text)
    if pausing:
        if paused:
            return None
        return Verdict(Type.RECONCILING, True, Reason.PAUSING, PAUSING)
    if not seen.initialized:
        return Verdict(Type.RECONCILING, True, Reason.PROGRESSING, ready.message)
    if ready.reason is Reason.STARTING:
        return Verdict(Type.RECONCILING, True, Reason.RESUMING, ready.message)
    cause = _cause(project, seen)
    if not seen.applied:
        text = f"{APPLYING}: {seen.refused.message}" if seen.refused else APPLYING
        return Verdict(Type.RECONCILING, True, cause, text)
    rolling = [component for component in enabled if not component.rolled_out]
    if rolling:
        return Verdict(Type.RECONCILING, True, cause, _rollout_text(rolling))
    if seen.init_job == "Active":
        return Verdict(Type.RECONCILING, True, Reason.PROGRESSING, "the init Job runs")
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
