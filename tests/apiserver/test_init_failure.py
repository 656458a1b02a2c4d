"""A project whose init Job fails although it has run before."""

from __future__ import annotations

from operating import Cluster, OperatorProcess, await_that
from supamanager_kube import kinds


def test_a_failed_init_job_is_made_again_and_holds_nothing_up(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    cluster.await_active()
    broken = {"image": "registry.invalid/fail:1"}
    cluster.patch({"spec": {"services": {"database": broken, "studio": {"enabled": False}}}})
    cluster.await_condition("Stalled", reason="InitFailed", timeout=120)
    await_that(
        lambda: cluster.find(kinds.DEPLOYMENT, "demo-studio"),
        lambda found: found is None,
        what="the disabled service to be gone",
    )

    def jobs() -> set[str]:
        return {job["metadata"]["uid"] for job in cluster.get("jobs")["items"]}

    failed = jobs()
    assert len(failed) == 1
    await_that(jobs, lambda found: bool(found - failed), what="another init Job", timeout=150)
    assert cluster.condition("Stalled")["reason"] == "InitFailed"
    assert cluster.condition("Ready")["status"] == "True"
    cluster.patch({"spec": {"services": {"database": None}}})
    await_that(lambda: cluster.condition("Stalled"), lambda c: not c, what="Stalled to be gone")
