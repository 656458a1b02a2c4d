"""What the cluster refuses of a project, as its conditions tell it."""

from __future__ import annotations

from typing import Any

import pytest

from operating import Cluster, OperatorProcess, await_that

PASSWORD = "a-password-of-ours"


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (
            "dashboard",
            {
                "type": "kubernetes.io/basic-auth",
                "stringData": {"username": "admin", "password": PASSWORD},
            },
        ),
        ("keys", {"immutable": True, "stringData": {"jwt-secret": 4 * PASSWORD}}),
    ],
    ids=["another-type", "immutable"],
)
def test_a_secret_that_cannot_be_completed_is_told(
    cluster: Cluster, operator: OperatorProcess, suffix: str, content: dict[str, Any]
) -> None:
    name = f"demo-{suffix}"
    metadata = {"name": name, "namespace": cluster.namespace}
    cluster.control_plane.apply(
        [{"apiVersion": "v1", "kind": "Secret", "metadata": metadata, **content}]
    )
    cluster.apply({})
    stalled = cluster.await_condition("Stalled", reason="ImmutableField")
    assert stalled["message"].startswith(f"Secret {name} is refused: ")
    assert "immutable" in stalled["message"]
    assert PASSWORD not in stalled["message"]
    secrets = cluster.condition("SecretsReady")
    assert (secrets["reason"], secrets["message"]) == ("Invalid", stalled["message"])
    cluster.kubectl("delete", "secret", name)
    cluster.patch({"spec": {"displayName": "again"}})
    cluster.await_active()


def test_a_quota_of_secrets_is_told(cluster: Cluster, operator: OperatorProcess) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "few", "namespace": cluster.namespace},
        "spec": {"hard": {"count/secrets": "2"}},
    }
    cluster.control_plane.apply([quota])
    await_that(
        lambda: cluster.get("resourcequota", "few").get("status", {}).get("used"),
        bool,
        what="the quota to be counted",
    )
    cluster.apply({})
    secrets = cluster.await_condition("SecretsReady", reason="QuotaExceeded")
    assert "exceeded quota: few" in secrets["message"]
    ready = cluster.condition("Ready")
    assert ready["reason"] == "Provisioning"
    assert "exceeded quota: few" in ready["message"]
    events = cluster.get("events", "--field-selector=reason=QuotaExceeded")["items"]
    assert [event["type"] for event in events] == ["Warning"]
    cluster.kubectl("delete", "resourcequota", "few")
    cluster.patch({"spec": {"displayName": "again"}})
    cluster.await_active()


def test_a_pod_that_cannot_be_made_is_told(cluster: Cluster, operator: OperatorProcess) -> None:
    refused = {"priorityClassName": "nowhere"}
    cluster.apply({})
    cluster.await_active()
    cluster.patch({"spec": {"services": {"auth": refused}}})
    rollout = await_that(
        lambda: cluster.condition("Reconciling").get("message", ""),
        lambda message: "PodRefused" in message,
        what="the change to be refused",
    )
    assert "no PriorityClass with name nowhere" in rollout
    cluster.patch({"spec": {"services": None}})
    cluster.await_active()

    cluster.apply({"services": {"database": refused}}, name="other")
    waiting = cluster.await_condition(
        "DatabaseReady",
        name="other",
        reason="Starting",
        message="no pod yet; if none comes, the Events of StatefulSet other-database say why",
    )
    assert waiting["status"] == "False"
    cluster.patch({"spec": {"services": {"database": None, "auth": refused}}}, name="other")
    told = cluster.await_condition("AuthReady", name="other", reason="PodRefused")
    assert "no PriorityClass with name nowhere" in told["message"]
    cluster.patch({"spec": {"services": None}}, name="other")
    cluster.await_active("other")
