"""The numbers of a Deployment, StatefulSet or Job, read the same way for all three."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from supamanager_kube import kinds, labels
from supamanager_kube.kinds import Kind

JobVerdict = Literal["Complete", "Failed"]
JobState = Literal["", "Active", "Complete", "Failed"]
_VERDICTS: Final[tuple[JobVerdict, ...]] = ("Complete", "Failed")


@dataclass(frozen=True)
class Workload:
    wanted: int
    replicas: int
    """Pods that exist, old ones of a rollout included."""
    ready: int
    rolled_out: bool
    """Whether every pod has the newest template. A pod that fails afterwards changes nothing."""
    image: str = ""
    restarted_at: str = ""
    """The restart that the newest template was made for."""
    job: JobState = ""
    refusal: str = ""
    """Why a pod cannot be made. Deployments alone tell it."""


def workload_of(kind: Kind, body: Mapping[str, Any]) -> Workload | None:
    if kind not in kinds.WORKLOADS:
        return None
    status = body.get("status") or {}
    conditions = {entry["type"]: entry for entry in status.get("conditions") or ()}
    if kind is kinds.JOB:
        return _job(status, conditions)
    spec = body["spec"]
    observed = status.get("observedGeneration", 0) >= body["metadata"].get("generation", 0)
    replicas = status.get("replicas", 0)
    updated = status.get("updatedReplicas", 0)
    wanted = spec.get("replicas", 1)
    rolled_out = observed and updated >= wanted and replicas == updated
    if kind is kinds.DEPLOYMENT:
        progressing = conditions.get("Progressing", {})
        rolled_out = rolled_out and progressing.get("reason") == "NewReplicaSetAvailable"
    else:
        current = status.get("currentRevision") == status.get("updateRevision")
        rolled_out = rolled_out and current
    failure = conditions.get("ReplicaFailure", {})
    refusal = failure.get("message", "") if failure.get("status") == "True" else ""
    template = spec["template"]
    annotations = template["metadata"].get("annotations") or {}
    return Workload(
        wanted=wanted,
        replicas=replicas,
        ready=status.get("readyReplicas", 0),
        rolled_out=rolled_out,
        image=template["spec"]["containers"][0]["image"],
        restarted_at=annotations.get(labels.RESTARTED_AT, ""),
        refusal=refusal,
    )


def _job(status: Mapping[str, Any], conditions: Mapping[str, Mapping[str, Any]]) -> Workload:
    active = status.get("active", 0)
    for verdict in _VERDICTS:
        if conditions.get(verdict, {}).get("status") == "True":
            return Workload(wanted=1, replicas=active, ready=0, rolled_out=True, job=verdict)
    return Workload(wanted=1, replicas=active, ready=0, rolled_out=False, job="Active")
