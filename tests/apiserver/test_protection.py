"""`spec.deletionProtection`, which the API server itself enforces; no operator runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operating import Cluster, await_that
from supamanager_dev.errors import ApiError, KubectlError
from supamanager_kube import kinds

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane

POLICY = (
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/"
    "deletion-protection.supamanager.io"
)
SAID = "project demo is protected from deletion: set its spec.deletionProtection to false first"


def refusal(cluster: Cluster, *arguments: str) -> str:
    """What kubectl says to a deletion; empty if it deletes."""
    try:
        cluster.kubectl("delete", "sbp", *arguments)
    except KubectlError as error:
        return error.stderr
    return ""


@pytest.fixture
def protected(cluster: Cluster) -> Cluster:
    """Has the protected project `demo`. A new policy holds a moment after it was made."""
    cluster.apply({"deletionProtection": True})
    await_that(
        lambda: refusal(cluster, "demo", "--dry-run=server"), bool, what="the policy to hold"
    )
    return cluster


def test_a_protected_project_stays(protected: Cluster) -> None:
    protected.apply({}, name="other")
    path = kinds.PROJECT.path(protected.namespace)
    assert SAID in refusal(protected, "demo")
    with pytest.raises(ApiError, match=SAID) as refused:
        protected.control_plane.api.request("DELETE", f"{path}/demo")
    assert refused.value.status == 403
    with pytest.raises(ApiError, match=SAID):
        protected.control_plane.api.request("DELETE", path)
    assert "deletionTimestamp" not in protected.project()["metadata"]

    assert SAID in refusal(protected, "--all")
    assert protected.find(kinds.PROJECT, "other") is None

    protected.patch({"spec": {"deletionProtection": False}})
    assert refusal(protected, "demo") == ""
    assert protected.find(kinds.PROJECT, "demo") is None


def test_what_is_ending_already_may_be_asked_to_end_again(protected: Cluster) -> None:
    protected.patch(
        {"spec": {"deletionProtection": False}, "metadata": {"finalizers": ["example.com/hold"]}}
    )
    assert refusal(protected, "demo", "--wait=false") == ""
    protected.patch({"spec": {"deletionProtection": True}})
    assert refusal(protected, "demo", "--wait=false") == ""
    protected.patch({"metadata": {"finalizers": None}})
    assert protected.find(kinds.PROJECT, "demo") is None


def test_the_namespace_takes_a_protected_project_with_it(
    control_plane: ControlPlane, protected: Cluster
) -> None:
    control_plane.kubectl("delete", "namespace", protected.namespace, "--timeout=60s")
    assert protected.find(kinds.PROJECT, "demo") is None


def test_the_api_server_finds_no_fault_with_the_policy(control_plane: ControlPlane) -> None:
    policy = await_that(
        lambda: control_plane.api.request("GET", POLICY),
        lambda found: found.get("status", {}).get("observedGeneration"),
        what="the policy to be looked at",
    )
    assert policy["status"]["typeChecking"].get("expressionWarnings") is None
