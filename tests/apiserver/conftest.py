"""A real operator process under its own ServiceAccount, watching the test's namespace only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forks import Forks, ForkSupervisor
from operating import Cluster, OperatorProcess

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane


@pytest.fixture
def cluster(control_plane: ControlPlane, namespace: str) -> Cluster:
    return Cluster(control_plane, namespace)


@pytest.fixture(scope="session")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkSupervisor]:
    with Forks("supamanager_operator.__main__", warnings="default") as forks:
        yield ForkSupervisor(forks, tmp_path_factory.mktemp("operators"))


_started = iter(range(0, 1_000_000, 100))


@pytest.fixture
def operator_config(control_plane: ControlPlane, namespace: str) -> Path:
    from supamanager_dev import rbac

    return rbac.bind(control_plane, rbac.OPERATOR, projects=[namespace])


@pytest.fixture
def stopped_operator(
    operator_config: Path, namespace: str, processes: ForkSupervisor
) -> Iterator[OperatorProcess]:
    """An operator for the test's namespace that the test starts itself."""
    process = OperatorProcess(
        processes, kubeconfig=operator_config, number=next(_started), lease=namespace
    )
    yield process
    if process.name:
        process.stop()
        assert process.tracebacks == []


@pytest.fixture
def operator(stopped_operator: OperatorProcess, namespace: str) -> OperatorProcess:
    """A running operator for the test's namespace."""
    stopped_operator.start(NAMESPACES=namespace)
    return stopped_operator
