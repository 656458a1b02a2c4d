"""What is known of a pod on this machine, and how the API wants to hear it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

Body = dict[str, Any]


class Instance(Protocol):
    """A running container."""

    def exit_code(self) -> int | None: ...

    def log(self) -> str: ...

    def stop(self, grace: float) -> None: ...


@dataclass
class PodState:
    """`listening` tells which port here stands for which of the container; `code` is how it ended
    if it is not started again; `asked_again` is when its probes are due while it is ready."""

    listening: dict[int, int] = field(default_factory=dict)
    instance: Instance | None = None
    started: str = ""
    not_before: float = 0.0
    restarts: int = 0
    waiting: str = "ContainerCreating"
    message: str = ""
    code: int | None = None
    ready: bool = False
    asked_again: float = 0.0
    ending: bool = False
    log: str = ""


def render(body: Body, container: Body, pod: PodState) -> Body:
    """In the form of the API; what did not change keeps its time."""
    old = {each["type"]: each for each in body.get("status", {}).get("conditions") or ()}
    at_once = now()

    def condition(kind: str, holds: bool) -> Body:
        value = "True" if holds else "False"
        known = old.get(kind, {})
        at = known.get("lastTransitionTime") if known.get("status") == value else None
        return {"type": kind, "status": value, "lastTransitionTime": at or at_once}

    state: Body
    if pod.instance is not None:
        phase, state = "Running", {"running": {"startedAt": pod.started}}
    elif pod.code is not None:
        phase = "Succeeded" if pod.code == 0 else "Failed"
        state = {"terminated": {"exitCode": pod.code, "finishedAt": at_once, "message": pod.log}}
    else:
        phase = "Running" if pod.restarts else "Pending"
        state = {"waiting": {"reason": pod.waiting, "message": pod.message}}
    return {
        "phase": phase,
        "qosClass": body.get("status", {}).get("qosClass"),
        "startTime": body.get("status", {}).get("startTime") or at_once,
        "hostIP": "192.0.2.1",
        "podIP": "192.0.2.2",
        "podIPs": [{"ip": "192.0.2.2"}],
        "conditions": [
            condition("PodScheduled", holds=True),
            condition("Initialized", holds=True),
            condition("ContainersReady", holds=pod.ready),
            condition("Ready", holds=pod.ready),
        ],
        "containerStatuses": [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": "",
                "ready": pod.ready,
                "started": pod.ready,
                "restartCount": pod.restarts,
                "state": state,
            }
        ],
    }


def said(status: Body) -> object:
    """What of a status is worth a request."""
    conditions = {each["type"]: each["status"] for each in status.get("conditions") or ()}
    containers = [
        (each["ready"], each["restartCount"], [*each["state"]], str(each["state"].get("waiting")))
        for each in status.get("containerStatuses") or ()
    ]
    return status.get("phase"), conditions.get("Ready"), containers


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
