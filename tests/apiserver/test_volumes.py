from __future__ import annotations

from typing import TYPE_CHECKING, Any

from operating import Cluster, OperatorProcess, await_that

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane


def managed(size: str, **storage: str) -> dict[str, Any]:
    return {"database": {"managed": {"storage": {"size": size, **storage}}}}


def test_a_volume_grows(cluster: Cluster, operator: OperatorProcess) -> None:
    cluster.apply(managed("10Gi"))
    cluster.await_active()
    before = cluster.get("pvc", "demo-database")["metadata"]["uid"]
    cluster.apply(managed("20Gi"))
    grown = await_that(
        lambda: cluster.get("pvc", "demo-database"),
        lambda claim: claim["status"]["capacity"]["storage"] == "20Gi",
        what="the volume to grow",
    )
    assert grown["metadata"]["uid"] == before
    told = await_that(
        lambda: cluster.await_active()["status"],
        lambda status: {"name": "database", "size": "20Gi"} in status["volumes"],
        what="the status to tell it",
    )
    assert [each["name"] for each in told["volumes"]] == [
        *("database", "database-custom", "snippets", "storage")
    ]
    assert told["summary"] == "12/12"


def test_a_volume_that_cannot_grow_is_told_and_grows_once_its_class_lets_it(
    control_plane: ControlPlane, cluster: Cluster, operator: OperatorProcess
) -> None:
    fixed = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "fixed"},
        "provisioner": "kwok.x-k8s.io/volume",
        "allowVolumeExpansion": False,
    }
    control_plane.apply([fixed])
    cluster.apply(managed("10Gi", className="fixed"))
    cluster.await_active()
    cluster.apply(managed("20Gi", className="fixed"))
    stalled = cluster.await_condition("Stalled", reason="ImmutableField")
    assert stalled["message"].startswith("PersistentVolumeClaim demo-database is refused: ")
    assert "storageclass" in stalled["message"]
    assert cluster.condition("Ready")["status"] == "True"

    control_plane.apply([{**fixed, "allowVolumeExpansion": True}])
    cluster.patch({"spec": {"displayName": "again"}})
    await_that(
        lambda: cluster.get("pvc", "demo-database"),
        lambda claim: claim["status"]["capacity"]["storage"] == "20Gi",
        what="the volume to grow",
    )
    await_that(
        lambda: cluster.condition("Stalled"),
        lambda found: not found,
        what="the project to be well",
    )


def test_a_quota_is_told_by_the_services_it_stops(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "small", "namespace": cluster.namespace},
        "spec": {"hard": {"persistentvolumeclaims": "2"}},
    }
    cluster.control_plane.apply([quota])
    cluster.apply({})
    found = cluster.await_condition("StorageReady", reason="QuotaExceeded")
    assert "exceeded quota" in found["message"]
    assert cluster.condition("Ready")["status"] == "False"
    cluster.kubectl("delete", "resourcequota", "small")
    cluster.patch({"spec": {"displayName": "again"}})
    cluster.await_active()
