from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from builders import components
from supamanager_kube import kinds, labels
from supamanager_kube.conditions import Reason
from supamanager_operator import observe
from supamanager_operator.workload import workload_of

NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)


def pod(*, component: str = "auth", conditions: Any = (), **container: Any) -> dict[str, Any]:
    status = {"name": component, "image": "r/x:1", "ready": False, **container}
    return {
        "metadata": {"labels": {labels.PROJECT_COMPONENT: component}},
        "status": {"conditions": list(conditions), "containerStatuses": [status]},
    }


def unschedulable(since: str) -> dict[str, Any]:
    return {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "no cpu",
        "lastTransitionTime": since,
    }


@pytest.mark.parametrize(
    ("subject", "reason", "text"),
    [
        (pod(state={"waiting": {"reason": "ErrImagePull"}}), "ImagePullBackOff", "r/x:1"),
        (pod(state={"waiting": {"reason": "ImagePullBackOff"}}), "ImagePullBackOff", "r/x:1"),
        (
            pod(
                state={"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}},
                lastState={"terminated": {"exitCode": 3}},
            ),
            "CrashLoopBackOff",
            "exits with code 3",
        ),
        (
            pod(
                state={"waiting": {"reason": "CrashLoopBackOff"}},
                lastState={"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
            ),
            "OOMKilled",
            "memory limit",
        ),
        (
            pod(
                state={
                    "waiting": {
                        "reason": "CreateContainerConfigError",
                        "message": 'secret "x" not found',
                    }
                }
            ),
            "ContainerConfigError",
            'secret "x" not found',
        ),
        (
            pod(conditions=[unschedulable("2026-05-01T11:59:45Z")], state={}),
            "Unschedulable",
            "no cpu",
        ),
        (
            pod(state={"running": {"startedAt": "2026-05-01T11:58:00Z"}}),
            "ProbeFailing",
            "does not answer its probe",
        ),
    ],
)
def test_the_reason_of_a_pod(subject: dict[str, Any], reason: str, text: str) -> None:
    found = observe.pod_trouble(subject, now=NOW)
    assert found is not None
    assert found[0] == reason
    assert text in found[1]
    assert "back-off" not in found[1]


@pytest.mark.parametrize(
    "subject",
    [
        pod(conditions=[unschedulable("2026-05-01T11:59:55Z")], state={}),
        pod(state={"waiting": {"reason": "ContainerCreating"}}),
        pod(state={"running": {"startedAt": "2026-05-01T11:59:30Z"}}),
        pod(state={"running": {"startedAt": "2026-05-01T10:00:00Z"}}, ready=True),
    ],
)
def test_a_pod_on_its_way_has_no_trouble(subject: dict[str, Any]) -> None:
    assert observe.pod_trouble(subject, now=NOW) is None


def test_the_worst_pod_of_a_component_speaks() -> None:
    states = observe.explain(
        components("auth"),
        [
            pod(state={"waiting": {"reason": "CrashLoopBackOff"}}),
            pod(state={"waiting": {"reason": "ErrImagePull"}}),
            pod(component="rest", state={"waiting": {"reason": "ErrImagePull"}}),
        ],
        now=NOW,
    )
    by_name = {state.name: state for state in states}
    assert by_name["auth"].trouble[0] is Reason.IMAGE_PULL_BACK_OFF
    # Rest is ready: what an old pod of it suffers from is not asked.
    assert by_name["rest"].trouble[0] is Reason.STARTING


def test_what_a_failed_job_said_last() -> None:
    pods = [
        pod(state={"terminated": {"exitCode": 1, "finishedAt": "2", "message": "second"}}),
        pod(state={"terminated": {"exitCode": 1, "finishedAt": "1", "message": "first"}}),
        pod(state={"terminated": {"exitCode": 0, "finishedAt": "3", "message": "fine"}}),
    ]
    assert observe.failure_text(pods) == "second"
    assert observe.failure_text([]) == ""


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ("supabase/gotrue:v2.1", "v2.1"),
        ("registry:5000/a/b", "latest"),
        ("registry:5000/a/b:7@sha256:00", "7"),
    ],
)
def test_image_tags(image: str, tag: str) -> None:
    assert observe.image_tag(image) == tag


def deployment(**status: Any) -> dict[str, Any]:
    return {
        "metadata": {"generation": 2},
        "spec": {
            "replicas": 1,
            "template": {"metadata": {}, "spec": {"containers": [{"image": "x:1"}]}},
        },
        "status": {"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, **status},
    }


COMPLETE = [{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}]


@pytest.mark.parametrize(
    ("status", "rolled_out"),
    [
        ({"conditions": COMPLETE, "readyReplicas": 1}, True),
        ({"conditions": COMPLETE, "readyReplicas": 0}, True),
        ({"conditions": COMPLETE, "observedGeneration": 1}, False),
        ({"conditions": COMPLETE, "replicas": 2}, False),
        ({"conditions": [], "readyReplicas": 1}, False),
    ],
)
def test_a_rollout_is_complete_when_every_pod_is_new(
    status: dict[str, Any], rolled_out: bool
) -> None:
    found = workload_of(kinds.DEPLOYMENT, deployment(**status))
    assert found is not None
    assert found.rolled_out is rolled_out


def test_the_verdict_of_a_job() -> None:
    def job(*conditions: str) -> Any:
        listed = [{"type": name, "status": "True"} for name in conditions]
        return workload_of(kinds.JOB, {"metadata": {}, "status": {"conditions": listed}})

    assert job().job == "Active"
    assert job("SuccessCriteriaMet", "Complete").job == "Complete"
    assert job("Failed").job == "Failed"


@pytest.mark.parametrize(
    ("message", "reason"),
    [("exceeded quota: small", "QuotaExceeded"), ("no PriorityClass with name x", "PodRefused")],
)
def test_a_pod_that_a_deployment_cannot_make(message: str, reason: str) -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "message": message}
    body = deployment(conditions=[failure], replicas=0, updatedReplicas=0)
    found = workload_of(kinds.DEPLOYMENT, body)
    assert found is not None
    assert found.refusal == message
    state = replace(components("auth")[2], refusal=found.refusal)
    [told] = observe.explain([state], [], now=NOW)
    assert told.trouble == (reason, message)
    failure["status"] = "False"
    ended = workload_of(kinds.DEPLOYMENT, body)
    assert ended is not None
    assert ended.refusal == ""
