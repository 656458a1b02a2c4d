"""Which transitions of a project become Events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from builders import components, project
from supamanager_kube import labels
from supamanager_kube.conditions import Reason
from supamanager_operator import status
from supamanager_operator.errors import Stalled
from supamanager_operator.events import News, Told
from supamanager_operator.observe import ComponentState
from supamanager_operator.verdicts import Observation

NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
STALLED = Stalled(Reason.HOST_CONFLICT, "taken")


class Story:
    """A project from status to status, each written before the next."""

    def __init__(self) -> None:
        self.told = Told("uid")
        self.status: dict[str, Any] = {}
        self.seconds = 0.0

    def goes_on(
        self, spec: dict[str, Any] | None = None, *, written: bool = True, **seen: Any
    ) -> list[News]:
        subject = project(spec, status=self.status)
        observation = Observation(
            **{
                "components": components(),
                "secrets_present": True,
                "applied": True,
                "initialized": True,
                "pods_gone": True,
                **seen,
            }
        )
        computed = status.compute(
            subject, observation, now=NOW, degraded_after=timedelta(seconds=30)
        )
        news = self.told.transitions(subject, computed, now=self.seconds)
        if written:
            self.status = computed
        return news

    def reasons(self, spec: dict[str, Any] | None = None, **options: Any) -> list[str]:
        return [news.reason for news in self.goes_on(spec, **options)]


def ailing(*names: str) -> tuple[ComponentState, ...]:
    trouble = (Reason.UNSCHEDULABLE, "no node accepts the pod")
    return tuple(
        replace(state, trouble=trouble) if state.name in names else state
        for state in components(*names)
    )


def test_two_components_with_one_reason_are_two_events() -> None:
    story = Story()
    story.goes_on()
    assert story.goes_on(components=ailing("auth")) == [
        News("Warning", "Unschedulable", "auth: no node accepts the pod")
    ]
    assert story.goes_on(components=ailing("auth", "rest")) == [
        News("Warning", "Unschedulable", "rest: no node accepts the pod")
    ]
    assert story.goes_on(components=ailing("auth", "rest")) == []


def test_every_pause_and_every_resume_is_told() -> None:
    story = Story()
    assert story.reasons() == ["Active", "Initialized"]
    asleep = {"components": components(replicas=0, ready=0, wanted=0)}
    for _ in range(3):
        assert story.reasons({"paused": True}, **asleep) == ["Paused"]
        assert story.reasons(**asleep) == ["Starting"]
        assert story.reasons() == ["Active"]


def test_what_was_told_is_told_again_once_it_was_gone() -> None:
    story = Story()
    story.goes_on()
    # The write fails, and the reconcile is repeated.
    assert story.reasons(stalled=STALLED, written=False) == ["HostConflict"]
    assert story.reasons(stalled=STALLED) == []
    # Somebody empties the status.
    story.status = {}
    assert story.reasons(stalled=STALLED) == []
    # The operator starts again and remembers nothing.
    story.told = Told("uid")
    assert story.reasons(stalled=STALLED) == []
    assert story.reasons() == []
    assert story.reasons(stalled=STALLED) == ["HostConflict"]


def test_what_flaps_is_told_five_times_in_ten_minutes() -> None:
    story = Story()
    story.goes_on()
    told = []
    for _ in range(20):
        told += story.reasons(components=ailing("auth"))
        assert story.reasons() == []
        story.seconds += 20
    assert told == ["Unschedulable"] * 5
    assert story.reasons(components=ailing("auth", "rest")) == ["Unschedulable"]
    story.goes_on()
    story.seconds += 600
    assert story.reasons(components=ailing("auth")) == ["Unschedulable"]


def test_the_annotation_is_told_when_it_comes() -> None:
    told = Told("uid")
    free, taken = project(), project(annotations={labels.RECONCILE: "disabled"})
    reasons = [
        [news.reason for news in told.control(subject)]
        for subject in (free, taken, taken, free, taken)
    ]
    assert reasons == [[], ["ReconcileDisabled"], [], [], ["ReconcileDisabled"]]
