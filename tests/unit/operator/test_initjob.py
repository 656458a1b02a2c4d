from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders import project
from supamanager_kube import kinds, labels
from supamanager_kube.components import Stage
from supamanager_operator.errors import Stalled
from supamanager_operator.initjob import InitJobs
from supamanager_operator.inventory import Inventory
from supamanager_operator.render import Rendered

PROJECT = project()


class Cluster:
    """The inventory as the watches would fill it, a clock, and what was deleted."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)
        self.deleted: list[str] = []
        self.said = "one"
        self.inventory = Inventory()
        self._version = 0
        client: Any = self
        self.jobs = InitJobs(client, self.inventory, now=lambda: self.now)
        self.database(ready=1)

    async def delete(self, kind: Any, namespace: str, name: str, *, uid: str) -> None:
        assert (kind, namespace, name) == (kinds.JOB, "team", "demo-init-a")
        self.deleted.append(uid)

    def record(self, kind: Any, name: str, uid: str, **body: Any) -> None:
        self._version += 1
        own = {labels.PROJECT: "demo", labels.PROJECT_UID: PROJECT.metadata.uid}
        metadata = {"name": name, "namespace": "team", "uid": uid, "labels": own}
        metadata["resourceVersion"] = str(self._version)
        self.inventory.record(kind, {"metadata": metadata, **body})

    def database(self, *, ready: int) -> None:
        template = {"metadata": {}, "spec": {"containers": [{"image": "db:1"}]}}
        spec = {"replicas": 1, "template": template}
        status = {"readyReplicas": ready}
        self.record(kinds.STATEFUL_SET, "demo-database", "database", spec=spec, status=status)

    def job(self, uid: str, *conditions: str, name: str = "demo-init-a") -> None:
        listed = [{"type": condition, "status": "True"} for condition in conditions]
        self.record(kinds.JOB, name, uid, status={"conditions": listed})

    def check(self, name: str = "demo-init-a") -> str:
        """What it is stalled by; empty if it is not."""

        async def said() -> str:
            return self.said

        body = {"kind": "Job", "metadata": {"name": name}}
        rendered = [Rendered(Stage.INIT, None, body)] if name else []
        try:
            asyncio.run(self.jobs.check(PROJECT, rendered, said=said))
        except Stalled as stalled:
            return stalled.message
        return ""

    def later(self, **passed: float) -> None:
        self.now += timedelta(**passed)


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def test_a_job_that_runs_or_succeeded_says_nothing(cluster: Cluster) -> None:
    assert cluster.check() == ""
    cluster.job("a")
    assert cluster.check() == ""
    cluster.job("a", "Complete")
    assert cluster.check() == ""
    assert cluster.check(name="") == ""


def test_a_failed_job_is_made_again_later_and_later(cluster: Cluster) -> None:
    pauses = []
    for number in range(8):
        cluster.job(str(number), "Failed")
        assert cluster.check() == "the init Job failed: one"
        failed = cluster.now
        while str(number) not in cluster.deleted:
            cluster.later(seconds=30)
            assert cluster.check() == "the init Job failed: one"
        pauses.append((cluster.now - failed).total_seconds() / 60)
        # It runs, and what is known is that it failed.
        cluster.job(f"{number}b")
        assert cluster.check() == "the init Job failed: one"
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    cluster.job("end", "Complete")
    assert cluster.check() == ""
    cluster.job("next", "Failed")
    cluster.check()
    cluster.later(minutes=1)
    cluster.check()
    assert cluster.deleted[-1] == "next"


def test_only_while_the_database_is_available(cluster: Cluster) -> None:
    cluster.database(ready=0)
    cluster.job("a", "Failed")
    for _ in range(3):
        assert cluster.check()
        cluster.later(minutes=5)
    assert cluster.deleted == []
    cluster.database(ready=1)
    assert cluster.check()
    assert cluster.deleted == ["a"]


def test_a_job_of_other_content_begins_anew(cluster: Cluster) -> None:
    cluster.job("a", "Failed")
    assert cluster.check()
    cluster.job("b", name="demo-init-b")
    assert cluster.check(name="demo-init-b") == ""


def test_a_paused_project_has_no_failure(cluster: Cluster) -> None:
    cluster.job("a", "Failed")
    assert cluster.check()
    assert cluster.check(name="") == ""
