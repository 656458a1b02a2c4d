"""Projects over HTTP on a real API server; no operator runs: the tests speak in its place."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from asking import Cluster, Owner, new_owner
from management import Management

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane
    from supamanager_dev.postgres import Postgres


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    """As everywhere, but no pod runs here: nobody waits for its ServiceAccount, which takes long
    after the API server was away."""
    from supamanager_dev import rbac

    name = f"test-{secrets.token_hex(4)}"
    metadata = {
        "name": name,
        "labels": rbac.PROJECTS_LABELS,
        "annotations": rbac.PROJECTS_ANNOTATIONS,
    }
    control_plane.api.request("POST", "/api/v1/namespaces", {"metadata": metadata})
    yield name
    control_plane.remove_namespace(name)


@pytest.fixture
def cluster(control_plane: ControlPlane, namespace: str) -> Cluster:
    return Cluster(control_plane, namespace)


@pytest.fixture
def api_environment(
    api_environment: dict[str, str], control_plane: ControlPlane, namespace: str
) -> dict[str, str]:
    """Every API process of these tests speaks as its ServiceAccount, with the chart's rules."""
    from supamanager_dev import rbac

    kubeconfig = rbac.bind(control_plane, rbac.API, projects=[namespace])
    return {
        **api_environment,
        "KUBECONFIG": str(kubeconfig),
        "PROJECTS_NAMESPACE": namespace,
        "REGIONS": json.dumps(
            {
                "mars-1": {"name": "Mars"},
                "jupiter-1": {
                    "name": "Jupiter",
                    "nodeSelector": {"topology.kubernetes.io/region": "jupiter-1"},
                    "storageClass": "fast",
                },
            }
        ),
    }


@pytest.fixture
def api(own_api):
    """One running process of the test's own, whose applier and mirror must not fail."""
    yield own_api
    assert "a background task failed" not in own_api.logs, own_api.logs
    assert "an intent was not carried out" not in own_api.logs, own_api.logs


@pytest.fixture
def owner(api) -> Iterator[Owner]:
    with new_owner(api) as made:
        yield made


@pytest.fixture
def management(database_url: str, management_postgres: Postgres) -> Management:
    return Management(management_postgres, database_url.rpartition("/")[2])


@pytest.fixture
def rows(management: Management) -> Callable[[str], list[dict[str, Any]]]:
    """Rows of the management database, by SQL."""
    return management.rows
