"""Two real operators: one works at a time, and the other soon after it is gone.

Who wrote what and when is read from the API server's audit log.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from audit import AuditLog, Request
from operating import Cluster, OperatorProcess, await_that
from supamanager_kube import kinds

if TYPE_CHECKING:
    from forks import ForkSupervisor
    from supamanager_dev.controlplane import ControlPlane

OURS = "supamanager-operator"
TAKEN_OVER_WITHIN = 20.0
"""After the leader was lost without a word."""
HANDED_OVER_WITHIN = 2.0
"""After the leader was asked to end."""


class Replicas:
    """Two operators with one Lease, each in a pod of its own."""

    def __init__(
        self, cluster: Cluster, supervisor: ForkSupervisor, both: list[OperatorProcess]
    ) -> None:
        self.cluster = cluster
        self.both = both
        self._supervisor = supervisor
        self.log = AuditLog(cluster.control_plane.audit_log, account=OURS)
        self._requests: list[Request] = []

    def start(self, *, seconds: int = 15, **settings: str) -> None:
        for each in self.both:
            self.restart(each, seconds=seconds, **settings)
        for each in self.both:
            each.await_health()

    def restart(self, which: OperatorProcess, *, seconds: int = 15, **settings: str) -> None:
        which.launch(
            NAMESPACES=self.cluster.namespace,
            LEASE_SECONDS=str(seconds),
            SWEEP_SECONDS="3600",
            **settings,
        )

    def leader(self) -> OperatorProcess:
        """Waits for it; the other says that it is none."""

        def look() -> list[tuple[float, list[str]]]:
            return [(metric(each, "is_leader"), messages(each)[-5:]) for each in self.both]

        seen = await_that(
            look,
            lambda found: sorted(leads for leads, _ in found)[1:] == [1.0],
            what="one leader",
            timeout=60,
        )
        return next(each for each, (leads, _) in zip(self.both, seen, strict=True) if leads == 1)

    def other(self, than: OperatorProcess) -> OperatorProcess:
        [found] = [each for each in self.both if each is not than]
        return found

    def record(self) -> dict[str, Any]:
        name = self.both[0].lease
        text = self.cluster.control_plane.kubectl(
            "-n", "supamanager", "get", "lease", name, "-o", "json"
        )
        found: dict[str, Any] = json.loads(text)["spec"]
        return found

    def requests(self, of: OperatorProcess) -> list[Request]:
        """All that its reconciler ever asked for, in order; the Lease apart."""
        self._requests += self.log.requests()
        agent = f"{OURS}/{of.pod}"
        found = [r for r in self._requests if r.agent == agent and r.resource != "leases"]
        return sorted(found, key=lambda request: request.received)

    def writes(self, of: OperatorProcess) -> list[Request]:
        return [request for request in self.requests(of) if request.write]

    def first_act(self, of: OperatorProcess, *, since: float, timeout: float) -> float:
        """Seconds from then until it first worked on the project."""

        def acts() -> list[float]:
            return [
                request.received - since
                for request in self.requests(of)
                if request.name == "demo" and request.received > since
            ]

        found: float = await_that(acts, bool, what=f"{of.pod} to act", timeout=timeout)[0]
        return found


def metric(operator: OperatorProcess, name: str) -> float:
    for line in operator.get(operator.metrics_port, "/metrics").splitlines():
        if line.startswith(f"supamanager_operator_{name} "):
            return float(line.split()[1])
    return -1.0


def messages(operator: OperatorProcess) -> list[str]:
    lines = [line for line in operator.log.splitlines(keepends=True) if line.endswith("\n")]
    strange = [line for line in lines if not line.startswith("{")]
    assert strange == [], operator.log
    return [json.loads(line)["message"] for line in lines]


@pytest.fixture
def replicas(
    control_plane: ControlPlane,
    cluster: Cluster,
    processes: ForkSupervisor,
    stopped_operator: OperatorProcess,
) -> Iterator[Replicas]:
    second = stopped_operator.twin()
    yield Replicas(cluster, processes, [stopped_operator, second])
    for each in (stopped_operator, second):
        if each.name:
            os_continue(each)
            each.stop()
            assert each.tracebacks == []


def os_continue(operator: OperatorProcess) -> None:
    """One that a failed test left stopped could not be ended."""
    if not operator.ended:
        os.kill(operator.pid, signal.SIGCONT)


def test_of_two_that_start_at_once_one_leads_until_it_ends_or_is_killed(
    replicas: Replicas, cluster: Cluster, figure: Callable[[str], None]
) -> None:
    cluster.apply({})
    replicas.start()
    leader = replicas.leader()
    other = replicas.other(leader)
    cluster.await_active()
    record = replicas.record()
    assert (record["holderIdentity"], record["leaseDurationSeconds"]) == (leader.pod, 15)
    assert replicas.writes(leader)
    assert replicas.requests(other) == []
    assert other.get(other.health_port, "/healthz") == "ok\n"
    assert "waiting for the Lease" in messages(other)

    asked = time.time()
    leader.stop()
    handed = replicas.first_act(other, since=asked, timeout=30)
    assert replicas.writes(leader)[-1].answered < asked + handed
    assert handed < HANDED_OVER_WITHIN
    assert metric(other, "is_leader") == 1
    assert replicas.record()["leaseTransitions"] == record["leaseTransitions"] + 1

    replicas.restart(leader)
    leader.await_health()
    assert metric(leader, "is_leader") == 0
    killed = time.time()
    other.kill()
    cluster.patch({"spec": {"services": {"vector": {"enabled": False}}}})
    taken = replicas.first_act(leader, since=killed, timeout=60)
    assert taken < TAKEN_OVER_WITHIN
    await_that(
        lambda: cluster.find(kinds.DEPLOYMENT, "demo-vector"),
        lambda found: found is None,
        what="the survivor to do what was asked meanwhile",
    )
    assert metric(leader, "lease_transitions") == record["leaseTransitions"] + 2
    figure(f"another acts {handed:.1f} s after SIGTERM, {taken:.1f} s after SIGKILL")


def test_one_that_is_asked_to_end_in_the_middle_of_a_reconcile_hands_over_as_fast(
    replicas: Replicas, cluster: Cluster, figure: Callable[[str], None]
) -> None:
    # So slow that what it has begun would take it many seconds more.
    replicas.start(RATE="10", BURST="1")
    leader = replicas.leader()
    other = replicas.other(leader)
    cluster.apply({})
    await_that(lambda: len(replicas.writes(leader)), lambda n: n >= 5, what="its first writes")
    asked = time.time()
    leader.stop()
    handed = replicas.first_act(other, since=asked, timeout=60)
    assert leader.exit_code == 0
    assert handed < HANDED_OVER_WITHIN
    last = replicas.requests(leader)[-1]
    assert last.answered < asked + handed
    cluster.await_active()
    assert replicas.requests(leader)[-1] == last
    figure(f"another acts {handed:.1f} s after SIGTERM in a reconcile")


@pytest.mark.parametrize(
    ("seconds", "away"), [(9, 10), pytest.param(15, 30, marks=pytest.mark.long)]
)
def test_one_that_was_stopped_for_long_writes_nothing_when_it_goes_on(
    replicas: Replicas, cluster: Cluster, seconds: int, away: int
) -> None:
    # So slow that it is in the middle of its applies when it is stopped.
    replicas.start(seconds=seconds, RATE="10", BURST="1")
    leader = replicas.leader()
    other = replicas.other(leader)
    cluster.apply({})
    await_that(lambda: len(replicas.writes(leader)), lambda n: n >= 5, what="its first writes")
    os.kill(leader.pid, signal.SIGSTOP)
    stopped = time.time()
    replicas.first_act(other, since=stopped, timeout=60)
    await_that(lambda: time.time() - stopped, lambda gone: gone > away, what="the time", timeout=60)
    before = len(replicas.writes(leader))
    os.kill(leader.pid, signal.SIGCONT)
    await_that(lambda: leader.ended, bool, what="the one that was stopped to end")
    assert leader.exit_code == 1
    assert messages(leader)[-1] == "not leading any more"
    cluster.await_active()
    assert len(replicas.writes(leader)) == before
    assert replicas.writes(leader)[-1].received < replicas.requests(other)[0].received


@pytest.mark.parametrize(
    ("seconds", "away"), [(9, 10), pytest.param(15, 60, marks=pytest.mark.long)]
)
def test_an_api_server_that_is_away_ends_the_leader_before_another_may_lead(
    control_plane: ControlPlane, replicas: Replicas, cluster: Cluster, seconds: int, away: int
) -> None:
    cluster.apply({})
    replicas.start(seconds=seconds)
    leader = replicas.leader()
    other = replicas.other(leader)
    before = {c["type"]: c for c in cluster.await_active()["status"]["conditions"]}
    control_plane.stop_apiserver()
    gone = time.time()
    await_that(lambda: leader.ended, bool, what="the leader to end", timeout=seconds)
    assert time.time() - gone < seconds
    assert leader.exit_code == 1
    # As the kubelet does; it waits, which is nothing that another start would mend.
    replicas.restart(leader, seconds=seconds)
    while time.time() < gone + away:
        for each in replicas.both:
            each.check()
        assert other.get(other.health_port, "/healthz") == "ok\n"
        time.sleep(1)  # what is watched is that nothing happens
    control_plane.start_apiserver()
    new = replicas.leader()
    assert {c["type"]: c for c in cluster.project()["status"]["conditions"]} == before
    replicas.first_act(new, since=gone, timeout=60)
    cluster.patch({"spec": {"displayName": "seen"}})
    await_that(
        lambda: cluster.project()["status"]["observedGeneration"],
        lambda seen: seen == 2,
        what="the edit to be seen",
    )


def test_without_the_right_to_the_lease_it_says_so_and_ends(
    cluster: Cluster, stopped_operator: OperatorProcess
) -> None:
    stopped_operator.launch(NAMESPACES=cluster.namespace, LEASE="kube-system/stolen")
    stopped_operator.await_end()
    assert stopped_operator.exit_code == 1
    assert 'cannot get resource "leases"' in messages(stopped_operator)[-1]
