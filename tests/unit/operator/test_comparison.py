from __future__ import annotations

from typing import Any

import pytest

from supamanager_operator import comparison

RULE = {"from": [{"podSelector": {"matchLabels": {"a": "b"}}}], "ports": [{"port": 1}]}
POLICY = {"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": ["Ingress"], "ingress": [RULE]}
CONTAINER = {
    "name": "main",
    "args": ["-v"],
    "env": [{"name": "A", "value": "1"}],
    "ports": [{"containerPort": 1}, {"containerPort": 2}],
}


def pod(container: dict[str, Any], *others: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"template": {"spec": {"containers": [*others, container], **fields}}}


@pytest.mark.parametrize(
    ("kind", "rendered", "live", "expected"),
    [
        ("Service", {"a": 1}, {"a": 1, "b": 2}, True),
        ("Service", {"a": 1, "b": 2}, {"a": 1}, False),
        ("Service", {"a": {"b": 1}}, {"a": None}, False),
        ("Service", {"a": ["x"]}, {"a": ["x", "y"]}, False),
        ("Service", {"a": [{"x": 1}]}, {"a": [{"x": 1}, {"y": 2}]}, False),
        ("Service", {"a": [{"x": 1}]}, {"a": [{"x": 1, "y": 2}]}, False),
        ("Service", {"ports": [{"port": 1}]}, {"ports": [{"port": 2}, {"port": 1, "x": 1}]}, True),
        ("Service", {"ports": [{"port": 1}]}, {"ports": [{"port": 2}]}, False),
        ("Service", {"ports": [{"port": 1}]}, {}, False),
        ("Service", {"selector": {"a": "b"}}, {"selector": {"a": "b", "c": "d"}}, False),
        ("NetworkPolicy", POLICY, POLICY, True),
        ("NetworkPolicy", POLICY, POLICY | {"ingress": [RULE, {}]}, False),
        ("NetworkPolicy", POLICY, POLICY | {"ingress": [{"ports": RULE["ports"]}]}, False),
        ("NetworkPolicy", POLICY, POLICY | {"egress": [{}]}, False),
        ("NetworkPolicy", POLICY, POLICY | {"podSelector": {"matchLabels": {}}}, False),
        ("Deployment", pod(CONTAINER), pod(CONTAINER, {"name": "sidecar"}, x=1), True),
        ("Deployment", pod(CONTAINER), pod(CONTAINER | {"name": "other"}), False),
        ("Deployment", pod(CONTAINER), pod(CONTAINER | {"args": ["-v", "-x"]}), False),
        (
            "Deployment",
            pod(CONTAINER),
            pod(CONTAINER | {"env": [{"name": "B"}, {"name": "A", "value": "1"}]}),
            True,
        ),
        ("Deployment", pod(CONTAINER), pod(CONTAINER | {"env": [{"name": "A"}]}), False),
        ("Deployment", pod(CONTAINER), pod(CONTAINER | {"ports": [{"containerPort": 2}]}), False),
    ],
)
def test_what_others_added_beside_our_fields_is_no_difference(
    kind: str, rendered: dict[str, Any], live: dict[str, Any], expected: bool
) -> None:
    found = comparison.holds({"kind": kind, "spec": live}, {"kind": kind, "spec": rendered})
    assert found is expected


def test_an_apply_names_the_lists_that_are_to_be_empty() -> None:
    policy = {"kind": "NetworkPolicy", "spec": POLICY}
    assert comparison.claim(policy)["spec"] == {**POLICY, "egress": []}
    service = {"kind": "Service", "spec": {}}
    assert comparison.claim(service) == service
