"""The API with `watch.clusterWide`, and with the rights that the chart gives it then."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from asking import eventually, new_owner
from audit import AuditLog
from supamanager_dev import binaries, rbac
from supamanager_dev.controlplane import ControlPlane


@pytest.fixture(scope="module")
def control_plane(announce: Callable[[str], None]) -> Iterator[ControlPlane]:
    """One of its own: in the session's, the projects of other tests are none of its business."""
    binaries.ensure(announce)
    with ControlPlane() as running:
        yield running


def test_every_namespace(api_process, control_plane, cluster, rows):
    """With `*` one watch shows all namespaces, those that come later too."""
    log = AuditLog(control_plane.audit_log, account=rbac.API)
    second = f"{cluster.namespace}-b"
    control_plane.create_namespace(second, annotations=rbac.PROJECTS_ANNOTATIONS)
    rbac.bind(control_plane, rbac.API, cluster_wide=True)
    api = api_process(WATCH_NAMESPACES="*")
    with new_owner(api) as owner:
        ref = owner.create()
        cluster.apply(
            "shop", {}, labels={"supamanager.io/organization": owner.slug}, namespace=second
        )
        adopted = eventually(
            lambda: rows(
                "SELECT project_ref AS ref FROM project "
                f"WHERE namespace = '{second}' AND organization_id IS NOT NULL"
            )
        )[0]["ref"]
        cluster.activate(ref)
        owner.await_word(ref, "ACTIVE_HEALTHY")
        assert owner.client.post(f"/platform/projects/{adopted}/pause").status_code == 201
        eventually(
            lambda: (
                control_plane.get("-n", second, "sbp", "shop")["spec"]["paused"]
                and control_plane.get("-n", second, "sbp", "shop")["metadata"]["labels"][
                    "supamanager.io/ref"
                ]
                == adopted
            )
        )
        control_plane.kubectl("delete", "-n", second, "sbp", "shop")
        owner.await_word(adopted, "REMOVED")
    assert [request for request in log.requests() if request.code == 403] == []
    control_plane.remove_namespace(second)
