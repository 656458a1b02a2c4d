"""Projects over HTTP on a real API server; no operator runs: the tests speak in its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from asking import Cluster, Owner, new_owner

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane
    from supamanager_dev.postgres import Postgres


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
def owner(api) -> Iterator[Owner]:
    with new_owner(api) as made:
        yield made


@pytest.fixture
def rows(database_url: str, management_postgres: Postgres) -> Callable[..., list[dict[str, Any]]]:
    """Rows of the management database, by SQL."""
    name = database_url.rpartition("/")[2]

    def ask(query: str) -> list[dict[str, Any]]:
        text = management_postgres.psql(
            f"SELECT coalesce(json_agg(q), '[]') FROM ({query}) q", database=name
        )
        return list(json.loads(text))

    return ask
