from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders import components, project
from supamanager_kube import conditions
from supamanager_kube.conditions import Reason
from supamanager_kube.project import SupabaseProject
from supamanager_operator import status
from supamanager_operator.errors import QuotaExceeded, Stalled
from supamanager_operator.verdicts import Observation

NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
PATIENCE = timedelta(seconds=30)


def compute(
    subject: SupabaseProject | None = None, *, now: datetime = NOW, **seen: Any
) -> dict[str, dict[str, Any]]:
    """The computed conditions by type."""
    observation = Observation(**{"components": components(), "secrets_present": True, **seen})
    computed = status.compute(subject or project(), observation, now=now, degraded_after=PATIENCE)
    for condition in computed["conditions"]:
        assert condition["reason"] in conditions.REASONS[condition["type"]]
        assert condition["observedGeneration"] == 3
    return {condition["type"]: condition for condition in computed["conditions"]}


def after(found: dict[str, dict[str, Any]], spec: dict[str, Any] | None = None) -> SupabaseProject:
    """The project as it is once these conditions were written."""
    return project(spec, status=status_of(found))


def verdict(condition: dict[str, Any]) -> tuple[str, str]:
    return condition["status"], condition["reason"]


def test_first_start_walks_provisioning_starting_active() -> None:
    first = compute(components=components(*[c.name for c in components()]), secrets_present=False)
    assert verdict(first["Ready"]) == ("False", "Provisioning")
    assert verdict(first["Initialized"]) == ("False", "Pending")
    assert verdict(first["SecretsReady"]) == ("False", "Missing")
    assert verdict(first["Reconciling"]) == ("True", "Progressing")

    second = compute(after(first), components=components("gateway"), applied=True)
    assert verdict(second["Ready"]) == ("False", "Starting")
    assert second["Ready"]["message"] == "1 of 12 services are not ready: gateway"

    last = compute(after(second), applied=True, initialized=True)
    assert verdict(last["Ready"]) == ("True", "Active")
    assert verdict(last["Initialized"]) == ("True", "Initialized")
    assert "Reconciling" not in last
    assert "Stalled" not in last


def test_the_stage_that_is_waited_for_is_named() -> None:
    found = compute(components=components("database"), waiting_for="database")
    assert found["Ready"]["message"] == "waiting for database"


def test_a_time_changes_only_with_the_status() -> None:
    first = compute(components=components("auth"), applied=True)
    later = NOW + timedelta(seconds=10)
    second = compute(after(first), now=later, components=components("auth", "rest"), applied=True)
    assert second["Ready"]["message"] != first["Ready"]["message"]
    assert second["Ready"]["lastTransitionTime"] == "2026-05-01T12:00:00Z"
    assert second["RestReady"]["lastTransitionTime"] == "2026-05-01T12:00:10Z"


def status_of(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {"observedGeneration": 3, "conditions": list(found.values())}


def active() -> dict[str, dict[str, Any]]:
    return compute(applied=True, initialized=True)


@pytest.mark.parametrize(("seconds", "reason"), [(0, "Active"), (30, "Active"), (31, "Degraded")])
def test_a_service_may_be_down_for_thirty_seconds(seconds: int, reason: str) -> None:
    down = {"components": components("auth"), "applied": True, "initialized": True}
    fallen = compute(after(active()), **down)
    assert verdict(fallen["Ready"]) == ("True", "Active")
    assert verdict(fallen["AuthReady"]) == ("False", "Starting")
    later = compute(after(fallen), now=NOW + timedelta(seconds=seconds), **down)
    assert later["Ready"]["reason"] == reason


@pytest.mark.parametrize("rest", [Reason.DISABLED, Reason.PAUSED])
def test_a_service_that_was_at_rest_is_down_from_when_it_is_asked_to_run(rest: Reason) -> None:
    down = {"components": components("auth"), "applied": True, "initialized": True}
    known = active()
    known["AuthReady"] |= {
        "status": "False",
        "reason": rest,
        "lastTransitionTime": "2026-04-01T00:00:00Z",
    }
    woken = compute(after(known), **down)
    assert verdict(woken["Ready"]) == ("True", "Active")
    assert verdict(woken["AuthReady"]) == ("False", "Starting")
    assert woken["AuthReady"]["lastTransitionTime"] == "2026-05-01T12:00:00Z"
    still = compute(after(woken), now=NOW + timedelta(seconds=30), **down)
    assert verdict(still["Ready"]) == ("True", "Active")
    late = compute(after(still), now=NOW + timedelta(seconds=31), **down)
    assert verdict(late["Ready"]) == ("False", "Degraded")


def test_a_service_at_rest_keeps_its_time() -> None:
    off = tuple(replace(c, enabled=c.name != "auth") for c in components())
    first = compute(after(active()), components=off, applied=True, initialized=True)
    later = NOW + timedelta(days=1)
    spec = {"paused": True}
    for subject in (after(first), after(first, spec)):
        found = compute(subject, now=later, components=off, applied=True, initialized=True)
        assert verdict(found["AuthReady"]) == ("False", "Disabled")
        assert found["AuthReady"]["lastTransitionTime"] == "2026-05-01T12:00:00Z"


def test_degraded_lasts_until_every_service_is_back() -> None:
    down = {"components": components("auth"), "applied": True, "initialized": True}
    degraded = compute(
        after(compute(after(active()), **down)), now=NOW + timedelta(seconds=31), **down
    )
    other = compute(
        after(degraded),
        now=NOW + timedelta(seconds=32),
        components=components("rest"),
        applied=True,
        initialized=True,
    )
    assert other["Ready"]["reason"] == "Degraded"
    back = compute(after(other), applied=True, initialized=True)
    assert verdict(back["Ready"]) == ("True", "Active")


def test_an_edit_of_a_live_project_is_reconciling_and_stays_ready() -> None:
    found = compute(after(active()), applied=False, initialized=True)
    assert verdict(found["Ready"]) == ("True", "Active")
    assert verdict(found["Reconciling"]) == ("True", "Progressing")


def test_a_rollout_names_what_rolls_and_why_it_is_stuck() -> None:
    stuck = tuple(
        replace(c, rolled_out=False, trouble=(Reason.IMAGE_PULL_BACK_OFF, "the image x"))
        if c.name == "auth"
        else c
        for c in components()
    )
    found = compute(after(active()), components=stuck, applied=True, initialized=True)
    assert verdict(found["Ready"]) == ("True", "Active")
    assert verdict(found["AuthReady"]) == ("True", "Available")
    assert found["Reconciling"]["message"] == "rolling out auth (ImagePullBackOff: the image x)"


def test_a_change_of_size_is_resizing_until_the_last_pod_has_it() -> None:
    told = after(active(), {"size": "large"})
    edited = compute(told, components=components(size="small"), applied=False, initialized=True)
    assert verdict(edited["Reconciling"]) == ("True", "Resizing")
    rolling = compute(
        after(edited, {"size": "large"}),
        components=components(size="large", rolled_out=False),
        applied=True,
        initialized=True,
    )
    assert verdict(rolling["Reconciling"]) == ("True", "Resizing")
    assert verdict(rolling["Ready"]) == ("True", "Active")
    done = compute(after(rolling, {"size": "large"}), applied=True, initialized=True)
    assert "Reconciling" not in done
    # Workloads of an operator that recorded no size.
    unknown = compute(told, components=components(size=""), applied=False, initialized=True)
    assert verdict(unknown["Reconciling"]) == ("True", "Progressing")


TIME = "2026-05-01T11:00:00Z"


@pytest.mark.parametrize("restart", [{"at": TIME}, {"services": {"rest": TIME}}])
def test_a_restart_is_restarting_until_the_last_pod_is_new(restart: dict[str, Any]) -> None:
    spec = {"restart": restart}
    edited = compute(after(active(), spec), applied=False, initialized=True)
    assert verdict(edited["Reconciling"]) == ("True", "Restarting")
    done = components(restarted_at=TIME)
    rolling = tuple(replace(c, rolled_out=c.name != "rest") for c in done)
    found = compute(after(edited, spec), components=rolling, applied=True, initialized=True)
    assert verdict(found["Reconciling"]) == ("True", "Restarting")
    assert found["Reconciling"]["message"] == "rolling out rest"
    ended = compute(after(found, spec), components=done, applied=True, initialized=True)
    assert "Reconciling" not in ended
    later = compute(after(ended, spec), components=done, applied=False, initialized=True)
    assert verdict(later["Reconciling"]) == ("True", "Progressing")


def test_a_restart_of_nothing_is_no_restart() -> None:
    subject = after(active(), {"restart": {"services": {"rest": TIME}}})
    off = tuple(replace(c, enabled=c.name != "rest") for c in components())
    found = compute(subject, components=off, applied=False, initialized=True)
    assert verdict(found["Reconciling"]) == ("True", "Progressing")
    missing = tuple(replace(c, version="v1" if c.name != "rest" else "") for c in components())
    found = compute(subject, components=missing, applied=False, initialized=True)
    assert verdict(found["Reconciling"]) == ("True", "Progressing")


@pytest.mark.parametrize("reason", [Reason.VERSION_MISMATCH, Reason.SECRET_MISSING])
def test_a_pause_is_not_told_before_it_is_done(reason: Reason) -> None:
    subject = after(active(), {"paused": True})
    seen = {"stalled": Stalled(reason, "no"), "initialized": True}
    stuck = compute(subject, **seen)
    assert verdict(stuck["Ready"]) == ("False", "Paused")
    assert stuck["Ready"]["message"] == "waiting for all pods to end"
    assert verdict(stuck["Paused"]) == ("False", "Running")
    assert verdict(stuck["AuthReady"]) == ("True", "Available")
    ending = compute(subject, components=components(wanted=0), **seen)
    assert verdict(ending["AuthReady"]) == ("False", "Paused")
    assert ending["AuthReady"]["message"] == "its pods are ending"
    # No pod is there at the moment, but one is asked for.
    gone = {"pods_gone": True, **seen}
    wanted = compute(subject, components=components(replicas=0, ready=0), **gone)
    assert verdict(wanted["Paused"]) == ("False", "Running")
    done = compute(subject, components=components(wanted=0, replicas=0, ready=0), **gone)
    assert verdict(done["Paused"]) == ("True", "Requested")
    assert done["Ready"]["message"] == "all services are scaled to zero"
    assert done["AuthReady"]["message"] == ""


def test_a_lost_host_does_not_hide_how_far_the_start_is() -> None:
    lost = Stalled(Reason.HOST_CONFLICT, "taken")
    found = compute(components=components("auth"), stalled=lost, applied=True)
    assert verdict(found["Ready"]) == ("False", "Starting")
    assert verdict(found["NetworkReady"]) == ("False", "Rejected")
    assert found["NetworkReady"]["message"] == "taken"


def test_pause_and_resume() -> None:
    spec = {"paused": True}
    pausing = compute(after(active(), spec), applied=True, initialized=True)
    assert verdict(pausing["Ready"]) == ("False", "Paused")
    assert pausing["Ready"]["message"] == "waiting for all pods to end"
    assert verdict(pausing["Paused"]) == ("False", "Running")
    assert verdict(pausing["Reconciling"]) == ("True", "Pausing")

    empty = components(replicas=0, ready=0, wanted=0)
    lingering = compute(after(pausing, spec), components=empty, applied=True, initialized=True)
    assert verdict(lingering["Paused"]) == ("False", "Running")
    paused = compute(
        after(pausing, spec), components=empty, applied=True, initialized=True, pods_gone=True
    )
    assert verdict(paused["Paused"]) == ("True", "Requested")
    assert verdict(paused["AuthReady"]) == ("False", "Paused")
    assert "Reconciling" not in paused

    resuming = compute(after(paused), components=empty, applied=True, initialized=True)
    assert verdict(resuming["Ready"]) == ("False", "Starting")
    assert verdict(resuming["Paused"]) == ("False", "Running")
    assert verdict(resuming["Reconciling"]) == ("True", "Resuming")
    assert verdict(compute(after(resuming), applied=True, initialized=True)["Ready"]) == (
        "True",
        "Active",
    )


@pytest.mark.parametrize(
    ("reason", "ready"),
    [
        (Reason.INVALID_CONFIGURATION, "InvalidConfiguration"),
        (Reason.UNKNOWN_VERSION, "InvalidConfiguration"),
        (Reason.SECRET_MISSING, "Provisioning"),
        (Reason.INIT_FAILED, "Provisioning"),
    ],
)
def test_stalled_before_the_first_start(reason: Reason, ready: str) -> None:
    found = compute(components=components("auth"), stalled=Stalled(reason, "because"))
    assert verdict(found["Stalled"]) == ("True", reason)
    assert verdict(found["Ready"]) == ("False", ready)
    assert found["Ready"]["message"] == "because"
    # kstatus reads Reconciling before Stalled: with both, a failure looks like progress.
    assert "Reconciling" not in found


def test_stalled_does_not_take_a_live_project_down() -> None:
    found = compute(
        after(active()), initialized=True, stalled=Stalled(Reason.HOST_CONFLICT, "taken")
    )
    assert verdict(found["Ready"]) == ("True", "Active")
    assert verdict(found["Stalled"]) == ("True", "HostConflict")


def test_what_is_wrong_with_secrets_is_told_apart() -> None:
    bad = Stalled(Reason.INVALID_CONFIGURATION, "no", about_secrets=True)
    assert verdict(compute(stalled=bad)["SecretsReady"]) == ("False", "Invalid")
    gone = Stalled(Reason.SECRET_MISSING, "gone", about_secrets=True)
    assert verdict(compute(stalled=gone)["SecretsReady"]) == ("False", "Missing")


def test_a_quota_is_told_whatever_it_refuses() -> None:
    refused = QuotaExceeded("", "too many", about_secrets=True)
    first = compute(components=components("auth"), secrets_present=False, refused=refused)
    assert verdict(first["SecretsReady"]) == ("False", "QuotaExceeded")
    assert verdict(first["Ready"]) == ("False", "Provisioning")
    assert first["Ready"]["message"] == "too many"
    other = QuotaExceeded("init", "too many")
    live = compute(after(active()), initialized=True, refused=other)
    assert verdict(live["SecretsReady"]) == ("True", "Available")
    assert live["Reconciling"]["message"] == "applying the change: too many"


def test_a_disabled_service_counts_nowhere() -> None:
    states = tuple(replace(c, enabled=c.name != "vector") for c in components())
    computed = status.compute(
        project(),
        Observation(components=states, applied=True, initialized=True, secrets_present=True),
        now=NOW,
        degraded_after=PATIENCE,
    )
    assert computed["summary"] == "11/11"
    assert "vector" not in {entry["name"] for entry in computed["components"]}
    by_type = {c["type"]: c for c in computed["conditions"]}
    assert verdict(by_type["VectorReady"]) == ("False", "Disabled")
    assert verdict(by_type["Ready"]) == ("True", "Active")


def test_a_lost_status_of_an_initialized_project_is_not_provisioning() -> None:
    found = compute(project(), components=components("auth"), applied=True, initialized=True)
    assert verdict(found["Ready"]) == ("False", "Starting")


def test_deletion_keeps_what_the_status_told() -> None:
    subject = after(active())
    computed = status.deleting(subject, message="waiting for auth to end", blocked=True, now=NOW)
    by_type = {c["type"]: c for c in computed["conditions"]}
    assert verdict(by_type["Ready"]) == ("False", "Deleting")
    assert verdict(by_type["Stalled"]) == ("True", "CleanupBlocked")
    assert verdict(by_type["AuthReady"]) == ("True", "Available")
    assert computed["observedGeneration"] == 3


def stopped(subject: SupabaseProject, **seen: Any) -> dict[str, Any]:
    """The status while the annotation is there."""
    observation = Observation(
        **{
            "components": components(),
            "secrets_present": True,
            "initialized": True,
            "stopped": True,
            "applied": status.was_applied(subject),
            "stalled": status.stall(subject),
            **seen,
        }
    )
    return status.compute(subject, observation, now=NOW, degraded_after=PATIENCE)


def reason(computed: dict[str, Any], type_: str) -> str | None:
    found = status.find(computed, type_)
    return found.reason if found else None


def test_what_was_applied_before_the_annotation_is_done() -> None:
    computed = stopped(after(active()))
    assert computed["observedGeneration"] == 3
    assert reason(computed, "Reconciling") is None
    assert reason(computed, "Ready") == "Active"


@pytest.mark.parametrize(
    "before",
    [
        {"applied": False, "initialized": True},
        {"applied": False, "initialized": True, "refused": QuotaExceeded("auth", "no")},
        {"applied": False},
        {"applied": True, "initialized": False, "components": components("auth")},
    ],
)
def test_what_was_not_applied_before_the_annotation_is_not_done(before: dict[str, Any]) -> None:
    subject = after(compute(project(), **before))
    initialized = before.get("initialized", False)
    computed = stopped(subject, initialized=initialized)
    assert reason(computed, "Reconciling") == "ReconcileDisabled"
    again = stopped(project(status=computed), initialized=initialized)
    assert reason(again, "Reconciling") == "ReconcileDisabled"


def test_an_edit_under_the_annotation_keeps_the_generation_that_was_seen() -> None:
    told = {**status_of(active()), "observedGeneration": 2}
    computed = stopped(project({"paused": True}, status=told))
    assert computed["observedGeneration"] == 2
    assert {c["observedGeneration"] for c in computed["conditions"]} == {2}
    assert reason(computed, "Reconciling") == "ReconcileDisabled"
    assert reason(computed, "Ready") == "Active"
    assert reason(computed, "Paused") == "Running"
    new = stopped(project(), initialized=False, components=components(version="", ready=0))
    assert new["observedGeneration"] == -1
    assert reason(new, "Reconciling") == "ReconcileDisabled"


def test_a_paused_project_under_the_annotation_is_as_it_should_be() -> None:
    empty = components(replicas=0, ready=0, wanted=0)
    seen = {"components": empty, "pods_gone": True, "initialized": False}
    paused = compute(project({"paused": True}), applied=True, **seen)
    computed = stopped(after(paused, {"paused": True}), **seen)
    assert reason(computed, "Paused") == "Requested"
    assert reason(computed, "Reconciling") is None


def test_what_stalled_before_the_annotation_is_still_told() -> None:
    bad = Stalled(Reason.INVALID_CONFIGURATION, "no", about_secrets=True)
    computed = stopped(after(compute(initialized=True, stalled=bad)))
    assert reason(computed, "Stalled") == "InvalidConfiguration"
    assert reason(computed, "SecretsReady") == "Invalid"
    assert reason(computed, "Reconciling") is None


def test_messages_are_bounded() -> None:
    found = compute(stalled=Stalled(Reason.INVALID_CONFIGURATION, "x" * 5000))
    assert all(len(c["message"]) <= 1024 for c in found.values())
