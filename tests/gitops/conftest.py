"""GitOps tools beside operator and API, each a real process on a real control plane."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from operating import Cluster, OperatorProcess
from plane import Plane, running
from supamanager_dev import flux, rbac
from supamanager_dev.fluxcontrollers import FluxControllers
from supamanager_dev.supervisor import Supervisor

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane
    from supamanager_dev.postgres import Postgres


@pytest.fixture(scope="session")
def flux_programs(announce: Callable[[str], None]) -> Path:
    return flux.ensure(announce)


@pytest.fixture
def cluster(control_plane: ControlPlane, namespace: str) -> Cluster:
    return Cluster(control_plane, namespace)


@pytest.fixture
def operator(control_plane: ControlPlane, namespace: str) -> Iterator[OperatorProcess]:
    """An operator for the test's namespace, which the test starts."""
    kubeconfig = rbac.bind(control_plane, rbac.OPERATOR, projects=[namespace])
    with Supervisor("operators") as supervisor:
        yield OperatorProcess(supervisor, kubeconfig=kubeconfig, number=0, lease=namespace)


@pytest.fixture(scope="module")
def plane(control_plane: ControlPlane, management_postgres: Postgres) -> Iterator[Plane]:
    """Operator and API for the tests of a file, which only look at projects of their own."""
    namespace = f"gitops-{secrets.token_hex(4)}"
    control_plane.create_namespace(
        namespace, labels=rbac.PROJECTS_LABELS, annotations=rbac.PROJECTS_ANNOTATIONS
    )
    database = f"gitops_{secrets.token_hex(4)}"
    url = management_postgres.create_database(database)
    with running(control_plane, namespace, url) as made:
        yield made
    management_postgres.drop_database(database)
    control_plane.remove_namespace(namespace)


@pytest.fixture
def name() -> str:
    """The name of a project that no other test has."""
    return f"shop-{secrets.token_hex(3)}"


@pytest.fixture(scope="module")
def flux_controllers(
    control_plane: ControlPlane, announce: Callable[[str], None]
) -> Iterator[FluxControllers]:
    with FluxControllers(control_plane, progress=announce) as controllers:
        yield controllers
