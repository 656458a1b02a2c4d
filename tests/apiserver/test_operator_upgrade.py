"""A newer definition, then a newer operator, under a project that serves: nothing restarts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import crd
from audit import AuditLog
from operating import Cluster, OperatorProcess, await_that
from supamanager_dev import binaries
from supamanager_dev.controlplane import ControlPlane

OURS = "supamanager-operator"
NEW = "deletionProtection"
"""The field that the former definition does not have."""
RUNNING = "pods,deployments,statefulsets,replicasets,jobs"


def former() -> dict[str, Any]:
    document = crd.document()
    schema = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    del schema["properties"]["spec"]["properties"][NEW]
    return document


@pytest.fixture(scope="module")
def control_plane(
    announce: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane]:
    """Has the former definition, and no policy beside it."""
    folder: Path = tmp_path_factory.mktemp("crds")
    (folder / crd.FILE.name).write_text(yaml.safe_dump(former()))
    binaries.ensure(announce)
    with ControlPlane(crds=folder) as running:
        yield running


def running(cluster: Cluster) -> dict[str, tuple[str, int]]:
    """Who runs, with uid and generation."""
    return {
        f"{item['kind']}/{item['metadata']['name']}": (
            item["metadata"]["uid"],
            item["metadata"].get("generation", 0),
        )
        for item in cluster.get(RUNNING)["items"]
    }


def test_definition_first_then_operator(
    control_plane: ControlPlane, cluster: Cluster, stopped_operator: OperatorProcess
) -> None:
    operator = stopped_operator
    operator.start(NAMESPACES=cluster.namespace)
    cluster.apply({})
    project = cluster.await_active()
    assert NEW not in project["spec"]
    before = running(cluster)
    assert sum(name.startswith("Pod/") for name in before) >= 12
    log = AuditLog(control_plane.audit_log, account=OURS)

    def written() -> set[str]:
        """What the operator wrote since the last look, the Lease apart."""
        found = {request.resource for request in log.requests() if request.write}
        return found - {"leases"}

    control_plane.apply(crd.ROOT / "crds")
    project = await_that(
        cluster.project, lambda found: NEW in found["spec"], what="the new definition to be served"
    )
    assert project["spec"][NEW] is False
    operator.check()
    assert written() == set()

    def change(value: bool) -> None:
        """Use the new field."""
        cluster.patch({"spec": {NEW: value}})
        cluster.await_active()

    change(True)
    operator.stop()
    assert written() == {"supabaseprojects/status"}
    operator.start(NAMESPACES=cluster.namespace)
    await_that(lambda: operator.reconciled, lambda n: n >= 1, what="a reconcile", timeout=30)
    assert written() == set()
    change(False)
    operator.stop()
    assert written() == {"supabaseprojects/status"}
    assert running(cluster) == before
