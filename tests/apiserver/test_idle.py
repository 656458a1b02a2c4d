"""A project at rest costs nothing but a few reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from audit import AuditLog, Request
from operating import Cluster, OperatorProcess, await_that
from supamanager_kube import labels

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane

OURS = "supamanager-operator"
READS = 8


def of_reconciler(requests: list[Request]) -> list[Request]:
    """Without Kopf's own lists and watches, which do not belong to a reconcile."""
    return [request for request in requests if request.agent.startswith(OURS)]


def test_three_resyncs_and_a_restart_write_nothing(
    control_plane: ControlPlane,
    cluster: Cluster,
    stopped_operator: OperatorProcess,
    figure: Callable[[str], None],
) -> None:
    operator = stopped_operator
    operator.start(NAMESPACES=cluster.namespace, RESYNC_SECONDS="3")
    cluster.apply({})
    cluster.await_active()
    settled = operator.reconciled
    await_that(lambda: operator.reconciled, lambda n: n > settled, what="one more", timeout=15)

    log = AuditLog(control_plane.audit_log, account=OURS)
    first = operator.reconciled
    await_that(lambda: operator.reconciled, lambda n: n >= first + 3, what="three", timeout=30)
    counted = operator.reconciled - first
    requests = of_reconciler(log.requests(namespace=cluster.namespace))
    assert [request for request in requests if request.write] == []
    assert len(requests) <= READS * (counted + 1)
    figure(f"no-change reconcile: 0 writes, {len(requests) / counted:.1f} reads")

    operator.stop()
    log.requests()
    operator.start(NAMESPACES=cluster.namespace)
    await_that(lambda: operator.reconciled, lambda n: n >= 1, what="a reconcile", timeout=15)
    requests = log.requests(namespace=cluster.namespace)
    assert [request for request in requests if request.write] == []
    assert len(of_reconciler(requests)) <= READS
    figure(f"after a restart: 0 writes, {len(of_reconciler(requests))} reads")


def test_nothing_is_patched_through_kopf(cluster: Cluster, operator: OperatorProcess) -> None:
    cluster.apply({})
    cluster.await_active()
    project = cluster.get("sbp", "demo", "--show-managed-fields")
    assert project["metadata"]["finalizers"] == [labels.FINALIZER]
    assert "annotations" not in project["metadata"]
    managers = {entry["manager"] for entry in project["metadata"]["managedFields"]}
    assert managers == {"kubectl", labels.MANAGER_OPERATOR, labels.MANAGER_STATUS}


@pytest.mark.parametrize("spec", [{}, {"paused": True}], ids=["active", "paused"])
def test_metrics_and_health_are_served(
    cluster: Cluster, operator: OperatorProcess, spec: dict[str, bool]
) -> None:
    cluster.apply(spec)
    if spec:
        cluster.await_condition("Paused", status="True")
    else:
        cluster.await_active()
    text = operator.get(operator.metrics_port, "/metrics")
    for name in (
        "queue_depth",
        "queue_oldest_seconds",
        "reconciles_running",
        "reconciles_total",
        "reconcile_seconds_bucket",
        "api_requests_total",
    ):
        assert f"supamanager_operator_{name}" in text
    assert re.search(r'api_requests_total\{code="200",verb="PATCH"\}', text)
    assert operator.get(operator.health_port, "/healthz") == "ok\n"
