"""What runs of a project: the state of each component, and why one is not ready."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from supamanager_kube import kinds, labels, names
from supamanager_kube.components import COMPONENTS, Component
from supamanager_kube.conditions import Reason
from supamanager_kube.project import SupabaseProject
from supamanager_operator.inventory import Child, ChildKey
from supamanager_operator.workload import Workload

Verdict = tuple[Reason, str]

_PROBE_PATIENCE: Final = timedelta(seconds=60)
"""A container that has run so long and is not ready fails its probe."""

_SCHEDULER_PATIENCE: Final = timedelta(seconds=10)
"""A volume being bound, or a node that just came, makes a pod unschedulable for a moment."""

_WAITING: Final[Mapping[str, Reason]] = {
    "ErrImagePull": Reason.IMAGE_PULL_BACK_OFF,
    "ImagePullBackOff": Reason.IMAGE_PULL_BACK_OFF,
    "InvalidImageName": Reason.IMAGE_PULL_BACK_OFF,
    "CrashLoopBackOff": Reason.CRASH_LOOP_BACK_OFF,
    "CreateContainerConfigError": Reason.CONTAINER_CONFIG_ERROR,
    "CreateContainerError": Reason.CONTAINER_CONFIG_ERROR,
    "RunContainerError": Reason.CONTAINER_CONFIG_ERROR,
}

_SEVERITY: Final = (
    Reason.QUOTA_EXCEEDED,
    Reason.POD_REFUSED,
    Reason.UNSCHEDULABLE,
    Reason.IMAGE_PULL_BACK_OFF,
    Reason.CONTAINER_CONFIG_ERROR,
    Reason.OOM_KILLED,
    Reason.CRASH_LOOP_BACK_OFF,
    Reason.PROBE_FAILING,
    Reason.STARTING,
)


@dataclass(frozen=True, kw_only=True)
class ComponentState:
    name: str
    enabled: bool
    wanted: int = 0
    replicas: int = 0
    ready: int = 0
    rolled_out: bool = False
    version: str = ""
    """The tag of the image; empty for what was not created yet."""
    size: str = ""
    """What its pods were last rendered for; empty where that was not recorded."""
    restarted_at: str = ""
    refusal: str = ""
    trouble: Verdict = (Reason.STARTING, "not created yet")
    """Why it is not ready or not rolled out; means nothing otherwise."""

    @property
    def available(self) -> bool:
        return self.ready >= 1


def states(
    project: SupabaseProject, children: Mapping[ChildKey, Child]
) -> tuple[ComponentState, ...]:
    """The components in the table's order, as the watches saw them."""
    return tuple(_state(project, component, children) for component in COMPONENTS.values())


def _state(
    project: SupabaseProject, component: Component, children: Mapping[ChildKey, Child]
) -> ComponentState:
    service = project.spec.services.get(component.name)
    if service and service.enabled is False:
        return ComponentState(name=component.name, enabled=False)
    child = children.get((component.workload, names.child(project.metadata.name, component.name)))
    if child is None or child.workload is None or child.project_uid != project.metadata.uid:
        return ComponentState(name=component.name, enabled=True)
    workload = child.workload
    return ComponentState(
        name=component.name,
        enabled=True,
        wanted=workload.wanted,
        replicas=workload.replicas,
        ready=workload.ready,
        rolled_out=workload.rolled_out,
        version=image_tag(workload.image),
        size=child.labels.get(labels.SIZE, ""),
        restarted_at=workload.restarted_at,
        refusal=workload.refusal,
        trouble=(Reason.STARTING, _waiting(component, project, workload)),
    )


def _waiting(component: Component, project: SupabaseProject, workload: Workload) -> str:
    if component.workload == kinds.STATEFUL_SET.name and not workload.replicas:
        name = names.child(project.metadata.name, component.name)
        # It does not tell in its status why it makes no pod, and Events are not ours to read.
        return f"no pod yet; if none comes, the Events of {component.workload} {name} say why"
    return "waiting for its pod"


def volumes(
    project: SupabaseProject, children: Mapping[ChildKey, Child]
) -> tuple[dict[str, str], ...]:
    """The bound volumes and what they hold."""
    prefix = names.child(project.metadata.name, "")
    return tuple(
        {"name": name.removeprefix(prefix), "size": child.capacity}
        for (kind, name), child in sorted(children.items())
        if kind == kinds.VOLUME_CLAIM.name and child.capacity
    )


def image_tag(image: str) -> str:
    name = image.partition("@")[0].rpartition("/")[2]
    return name.partition(":")[2] or "latest"


def explain(
    components: Iterable[ComponentState], pods: Iterable[Mapping[str, Any]], *, now: datetime
) -> tuple[ComponentState, ...]:
    """The components with the reasons that their pods give."""
    by_component: dict[str, list[Mapping[str, Any]]] = {}
    for pod in pods:
        name = pod["metadata"]["labels"].get(labels.PROJECT_COMPONENT, "")
        by_component.setdefault(name, []).append(pod)
    return tuple(
        replace(state, trouble=_worst(state, by_component.get(state.name, ()), now=now))
        if state.enabled and not (state.available and state.rolled_out)
        else state
        for state in components
    )


def _worst(state: ComponentState, pods: Iterable[Mapping[str, Any]], *, now: datetime) -> Verdict:
    verdicts = [verdict for pod in pods if (verdict := pod_trouble(pod, now=now))]
    if state.refusal:
        quota = "exceeded quota" in state.refusal
        verdicts.append((Reason.QUOTA_EXCEEDED if quota else Reason.POD_REFUSED, state.refusal))
    return min(verdicts, key=lambda verdict: _SEVERITY.index(verdict[0]), default=state.trouble)


def pod_trouble(pod: Mapping[str, Any], *, now: datetime) -> Verdict | None:
    """Why this pod is not ready: a stable text without names, counters or times."""
    status = pod.get("status") or {}
    for condition in status.get("conditions") or ():
        if (
            condition["type"] == "PodScheduled"
            and condition.get("reason") == "Unschedulable"
            and _lasts(condition.get("lastTransitionTime"), _SCHEDULER_PATIENCE, now=now)
        ):
            return Reason.UNSCHEDULABLE, condition.get("message") or "no node accepts the pod"
    containers = [
        *(status.get("initContainerStatuses") or ()),
        *(status.get("containerStatuses") or ()),
    ]
    for container in containers:
        if verdict := _container_trouble(container, now=now):
            return verdict
    return None


def _container_trouble(container: Mapping[str, Any], *, now: datetime) -> Verdict | None:
    state = container.get("state") or {}
    last = (container.get("lastState") or {}).get("terminated") or {}
    waiting = state.get("waiting") or {}
    terminated = state.get("terminated") or {}
    name = container["name"]
    if "OOMKilled" in (terminated.get("reason"), last.get("reason")) and not container.get("ready"):
        return Reason.OOM_KILLED, f"container {name} was killed at its memory limit"
    reason = _WAITING.get(waiting.get("reason", ""))
    if reason is Reason.IMAGE_PULL_BACK_OFF:
        return reason, f"the image {container['image']} cannot be pulled"
    if reason is Reason.CRASH_LOOP_BACK_OFF:
        code = last.get("exitCode")
        return reason, f"container {name} exits" + (
            f" with code {code}" if code is not None else ""
        )
    if reason:
        return reason, f"container {name}: {waiting.get('message') or waiting['reason']}"
    running = state.get("running")
    if (
        running
        and not container.get("ready")
        and _lasts(running.get("startedAt"), _PROBE_PATIENCE, now=now)
    ):
        return Reason.PROBE_FAILING, f"container {name} runs but does not answer its probe"
    return None


def _lasts(since: str | None, patience: timedelta, *, now: datetime) -> bool:
    return since is not None and now - datetime.fromisoformat(since) > patience


def failure_text(pods: Iterable[Mapping[str, Any]]) -> str:
    """What the last failed container of these pods said at its end."""
    texts = [
        (terminated.get("finishedAt") or "", terminated.get("message") or "")
        for pod in pods
        for container in (pod.get("status") or {}).get("containerStatuses") or ()
        for terminated in (
            (container.get("state") or {}).get("terminated") or {},
            (container.get("lastState") or {}).get("terminated") or {},
        )
        if terminated.get("exitCode")
    ]
    return max(texts, default=("", ""))[1]
