"""The operator with `watch.clusterWide`, and with the rights that the chart gives it then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit import AuditLog
from operating import Cluster, OperatorProcess, await_that
from supamanager_dev import binaries, rbac
from supamanager_dev.controlplane import ControlPlane
from supamanager_kube import kinds


@pytest.fixture(scope="module")
def control_plane(announce: Callable[[str], None]) -> Iterator[ControlPlane]:
    """One of its own: in the session's, the projects of other tests are none of its business."""
    binaries.ensure(announce)
    with ControlPlane() as running:
        yield running


@pytest.fixture
def operator_config(control_plane: ControlPlane) -> Path:
    return rbac.bind(control_plane, rbac.OPERATOR, cluster_wide=True)


def test_a_project_is_served_in_a_namespace_that_came_later_and_nothing_is_refused(
    control_plane: ControlPlane, cluster: Cluster, stopped_operator: OperatorProcess
) -> None:
    operator = stopped_operator
    log = AuditLog(control_plane.audit_log, account=rbac.OPERATOR)
    operator.start(NAMESPACES="*", SWEEP_SECONDS="2")
    foreign = Cluster(control_plane, f"{cluster.namespace}-b")
    control_plane.create_namespace(foreign.namespace)
    foreign.apply({})
    cluster.apply({})
    for place in (foreign, cluster):
        place.await_active()

    foreign.kubectl("delete", "deployment", "demo-vector", "--wait=false")
    await_that(
        lambda: foreign.find(kinds.DEPLOYMENT, "demo-vector"),
        lambda found: found is not None and "deletionTimestamp" not in found["metadata"],
        what="the Deployment to be back",
    )
    foreign.await_active()
    foreign.kubectl("delete", "sbp", "demo", "--timeout=60s")
    assert foreign.find(kinds.PROJECT, "demo") is None

    operator.stop()
    requests = log.requests()
    assert {request.namespace for request in requests if request.write} == {
        rbac.NAMESPACE,
        cluster.namespace,
        foreign.namespace,
    }
    assert [request for request in requests if request.code == 403] == []
    assert "Not enough permissions" not in operator.log
    control_plane.remove_namespace(foreign.namespace)
