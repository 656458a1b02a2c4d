"""What the kubelet of the tests reads in a pod, and where a Service leads."""

from __future__ import annotations

from typing import Any

import pytest

from supamanager_dev import containers
from supamanager_dev.containers import Addresses, NotYet

HERE = Addresses("home", {("database", 5432): 20001, ("supa-manager", 8080): 20002})
POD: dict[str, Any] = {"metadata": {"name": "api-1", "namespace": "home"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$(A)", "1"),
        ("x-$(A)-$(B)", "x-1-$(B)"),
        ("$$(A)", "$(A)"),
        ("$A ${A} $", "$A ${A} $"),
    ],
)
def test_variables_are_replaced_as_kubernetes_does(text: str, expected: str):
    assert containers.expand(text, {"A": "1"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://u:p@database:5432/x", "postgresql://u:p@127.0.0.1:20001/x"),
        ("http://supa-manager.home.svc:8080/readyz", "http://127.0.0.1:20002/readyz"),
        ("http://supa-manager.home.svc.cluster.local:8080", "http://127.0.0.1:20002"),
        ("http://other-database:5432", "http://other-database:5432"),
        ("http://database:54321", "http://database:54321"),
        ("http://database.elsewhere.svc:5432", "http://database.elsewhere.svc:5432"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_only_services_of_the_namespace_are_found_here(text: str, expected: str):
    assert HERE.localize(text) == expected


def test_a_container_gets_its_variables_and_no_other():
    def secret(name: str, key: str) -> str:
        if name != "there":
            raise NotYet(f'secret "{name}" not found')
        return f"value of {key}"

    def environment(*variables: dict[str, Any]) -> dict[str, str]:
        return containers.environment(
            POD,
            {"env": list(variables)},
            secret=secret,
            addresses=HERE,
            listening={8080: 20003},
        )

    there = {"secretKeyRef": {"name": "there", "key": "k"}}
    assert environment(
        {"name": "PORT", "value": "8080"},
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "PASSWORD", "valueFrom": there},
        {"name": "URL", "value": "http://database:5432/$(PASSWORD)/$(LATER)"},
        {"name": "LATER", "value": "x"},
    ) == {
        "PORT": "20003",
        "POD": "api-1",
        "PASSWORD": "value of k",
        "URL": "http://127.0.0.1:20001/value of k/$(LATER)",
        "LATER": "x",
    }
    with pytest.raises(NotYet, match="gone"):
        environment({"name": "A", "valueFrom": {"secretKeyRef": {"name": "gone", "key": "k"}}})
