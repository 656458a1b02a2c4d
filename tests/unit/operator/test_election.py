"""The rules of the Lease's record, on a clock of the test's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from supamanager_operator.election import Record, Terms

TERMS = Terms(15)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def seen(spec: dict[str, Any], *, now: float = 0.0) -> Record:
    record = Record()
    record.see(spec, now=now)
    return record


def held(holder: str = "b", **others: Any) -> dict[str, Any]:
    return {"holderIdentity": holder, "leaseDurationSeconds": 15, "leaseTransitions": 3, **others}


def test_the_times_are_those_of_every_controller() -> None:
    assert (TERMS.deadline, TERMS.pause, TERMS.look, TERMS.patience) == (10, 2, 0.5, 5)


@given(st.floats(min_value=3, max_value=3600))
def test_a_leader_has_ended_before_another_may_lead(seconds: float) -> None:
    terms = Terms(seconds)
    # It finds out while it waits, or after one attempt that began just before the deadline.
    assert terms.deadline + terms.pause < seconds
    assert terms.pause + terms.patience < terms.deadline


def test_the_times_of_the_record_count_for_nothing() -> None:
    for written in ("1990-01-01T00:00:00.000000Z", "2090-01-01T00:00:00.000000Z"):
        record = seen(held(renewTime=written), now=100)
        assert not record.free_for("a", now=114.9)
        assert record.free_for("a", now=115)


def test_every_change_of_the_record_counts_as_a_sign_of_life() -> None:
    record = seen(held(renewTime="1"), now=100)
    record.see(held(renewTime="2"), now=110)
    record.see(held(renewTime="2"), now=120)
    assert not record.free_for("a", now=124)
    assert record.free_for("a", now=125)


def test_what_was_released_or_is_ours_need_not_expire() -> None:
    record = seen(held(), now=100)
    assert record.free_for("b", now=100)
    record.see(record.released(at=NOON), now=100)
    assert record.free_for("a", now=100)
    assert seen({}).free_for("a", now=0)


def test_a_change_of_hands_is_counted_and_dated_and_a_renewal_is_not() -> None:
    here = NOON.astimezone(timezone(timedelta(hours=5)))
    first = Record().taken("a", TERMS, at=here)
    assert first == {
        "holderIdentity": "a",
        "leaseDurationSeconds": 15,
        "acquireTime": "2026-05-01T12:00:00.000000Z",
        "renewTime": "2026-05-01T12:00:00.000000Z",
        "leaseTransitions": 0,
    }
    renewed = seen(first).taken("a", TERMS, at=NOON + timedelta(seconds=2))
    assert renewed == {**first, "renewTime": "2026-05-01T12:00:02.000000Z"}
    taken = seen(renewed).taken("b", TERMS, at=NOON)
    assert (taken["leaseTransitions"], taken["holderIdentity"]) == (1, "b")


def test_fields_of_others_stay() -> None:
    spec = held(strategy="OldestEmulationVersion")
    assert seen(spec).taken("a", TERMS, at=NOON)["strategy"] == "OldestEmulationVersion"
    assert seen(spec).released(at=NOON)["strategy"] == "OldestEmulationVersion"
    assert "holderIdentity" not in seen(spec).released(at=NOON)
