"""What is done in kubectl's place is what kubectl does."""

from __future__ import annotations

from typing import Any

import pytest

from supamanager_dev.cluster import Cluster
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.errors import KubectlError
from supamanager_dev.resources import NotHere, Resources


def config_map(name: str, **data: str) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"example.com/team": "blue"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


@pytest.mark.parametrize(
    "arguments",
    [
        ["configmaps"],
        ["cm,serviceaccount"],
        ["cm", "first"],
        ["cm", "-l", "example.com/team=blue"],
        ["cm", "--field-selector=metadata.name=second"],
        ["roles.rbac.authorization.k8s.io,sbp,deployments.apps"],
        ["crd", "supabaseprojects.supamanager.io"],
        ["events"],
    ],
    ids=" ".join,
)
def test_it_prints_the_same(control_plane: ControlPlane, namespace: str, arguments: list[str]):
    control_plane.apply([config_map("first", a="b"), config_map("second")], namespace=namespace)
    command = [*arguments, "-n", namespace]
    assert Resources(control_plane.api).get(command) == Cluster.get(control_plane, *command)


def test_it_applies_the_same(control_plane: ControlPlane, namespace: str):
    Resources(control_plane.api).apply(config_map("short", a="b"), namespace)
    Cluster.apply(control_plane, config_map("long", a="b"), namespace=namespace)
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    short, long = (control_plane.api.request("GET", f"{path}/{name}") for name in ("short", "long"))
    for body in (short, long):
        for field in ("name", "uid", "resourceVersion", "creationTimestamp"):
            del body["metadata"][field]
        del body["metadata"]["managedFields"][0]["time"]
    assert short == long
    assert short["metadata"]["managedFields"][0]["manager"] == "kubectl"


def test_what_is_refused_is_told_by_kubectl(control_plane: ControlPlane, namespace: str):
    with pytest.raises(KubectlError, match="not found"):
        control_plane.get("cm", "none", "-n", namespace)
    with pytest.raises(KubectlError, match="unknown field"):
        control_plane.apply({**config_map("first"), "date": {}}, namespace=namespace)
    with pytest.raises(KubectlError, match="does not match"):
        control_plane.apply(config_map("a") | {"metadata": {"name": "a", "namespace": "default"}},
                            namespace=namespace)  # fmt: skip


@pytest.mark.parametrize("arguments", [["pods", "-A"], ["none"], ["pods", "-n", "x", "a", "b"]])
def test_other_commands_are_kubectls(control_plane: ControlPlane, arguments: list[str]):
    with pytest.raises(NotHere):
        Resources(control_plane.api).get(arguments)


def test_requests_share_a_connection_until_the_server_ends_it(control_plane: ControlPlane):
    def used() -> set[int]:
        for _ in range(3):
            control_plane.api.request("GET", "/api/v1/namespaces/default")
        return {id(each.sock) for each in control_plane.api._idle}

    first = used()
    assert used() == first
    control_plane.stop_apiserver()
    with pytest.raises(ConnectionRefusedError):
        control_plane.api.request("GET", "/api/v1/namespaces/default")
    control_plane.start_apiserver()
    assert len(used()) == 1
