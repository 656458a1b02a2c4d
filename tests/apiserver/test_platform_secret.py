"""The Secret that the platform itself starts with: made once, by real operators that race."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from operating import Cluster, OperatorProcess

if TYPE_CHECKING:
    from forks import ForkSupervisor
    from supamanager_dev.controlplane import ControlPlane

Start = Callable[[str], OperatorProcess]


@pytest.fixture
def home(control_plane: ControlPlane, namespace: str) -> Cluster:
    """The namespace that operators run in."""
    from supamanager_dev import rbac

    rbac.bind(control_plane, rbac.OPERATOR, projects=[namespace])
    return Cluster(control_plane, rbac.NAMESPACE)


def test_of_two_operators_one_makes_it_and_later_ones_leave_it(
    home: Cluster, control_plane: ControlPlane, namespace: str, processes: ForkSupervisor
):
    from supamanager_dev import rbac

    config = control_plane.kubeconfig_for(rbac.NAMESPACE, rbac.OPERATOR)
    name = f"made-{secrets.token_hex(4)}"
    settings = {"NAMESPACES": namespace, "PLATFORM_SECRET": f"{home.namespace}/{name}"}
    both = [OperatorProcess(processes, kubeconfig=config, number=n) for n in (7_000_000, 7_000_100)]
    try:
        for each in both:
            each.launch(**settings)
        for each in both:
            each.await_health()
        made = home.get("secret", name)
        values = [base64.b64decode(value).decode() for value in made["data"].values()]
        assert sorted(made["data"]) == ["database-password", "encryption-secret", "jwt-secret"]
        assert len(set(values)) == 3
        assert min(len(value) for value in values) >= 64
        assert [each.log.count("platform secret made") for each in both] in ([0, 1], [1, 0])
        assert not any(value in each.log for value in values for each in both)

        both[0].stop()
        both[0].start(**settings)
        assert home.get("secret", name) == made
    finally:
        for each in both:
            each.stop()


def test_one_of_somebody_else_is_left_as_it_is(
    home: Cluster, namespace: str, stopped_operator: OperatorProcess
):
    name = f"own-{secrets.token_hex(4)}"
    home.kubectl("create", "secret", "generic", name, "--from-literal=jwt-secret=mine")
    before = home.get("secret", name)
    stopped_operator.start(NAMESPACES=namespace, PLATFORM_SECRET=f"{home.namespace}/{name}")
    assert home.get("secret", name) == before


def test_a_right_that_is_missing_is_named(
    home: Cluster, namespace: str, stopped_operator: OperatorProcess
):
    stopped_operator.launch(NAMESPACES=namespace, PLATFORM_SECRET="kube-system/stolen")
    stopped_operator.await_end()
    last = json.loads(stopped_operator.log.splitlines()[-1])
    assert last["level"] == "ERROR"
    assert "kube-system" in last["message"]
    assert home.control_plane.kubectl("get", "secret", "-n", "kube-system", "-o", "name") == ""
