"""Projects over HTTP on a real API server; no operator runs: the tests speak in its place."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from asking import Cluster, Owner, new_owner

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
    control_plane.kubectl("delete", "namespace", name, "--wait=false", "--ignore-not-found")


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


class Management:
    """The management database, past the API."""

    def __init__(self, postgres: Postgres, database: str) -> None:
        self._postgres = postgres
        self._database = database

    def rows(self, query: str) -> list[dict[str, Any]]:
        text = f"SELECT coalesce(json_agg(q), '[]') FROM ({query}) q"
        return list(json.loads(self._postgres.psql(text, database=self._database)))

    def locks(self) -> int:
        """How many processes hold the mirror's lock."""
        from supamanager_api import mirror

        held = self.rows(
            "SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            f"WHERE l.locktype = 'advisory' AND l.objid = {mirror.LOCK} AND l.granted "
            "AND d.datname = current_database()"
        )
        return len(held)

    def epoch(self) -> int:
        return int(self.rows("SELECT epoch FROM mirror_epoch")[0]["epoch"])

    def add_member(self, email: str, organization_id: int, *, role: str) -> None:
        self._postgres.psql(
            "INSERT INTO organization_membership (organization_id, account_id, role) "
            f"SELECT {organization_id}, id, '{role}' FROM accounts WHERE email = '{email}'",
            database=self._database,
        )

    def confirm(self, email: str) -> None:
        """As an administrator of the database confirms an address."""
        self._postgres.psql(
            f"UPDATE accounts SET email_confirmed_at = now() WHERE email = '{email}'",
            database=self._database,
        )

    def store_pause(self, ref: str) -> None:
        """As a process does that dies before anybody applies it."""
        self._postgres.psql(
            "UPDATE project SET intent = jsonb_set(intent, '{spec,paused}', 'true'), "
            f"intent_revision = intent_revision + 1 WHERE project_ref = '{ref}'",
            database=self._database,
        )


@pytest.fixture
def management(database_url: str, management_postgres: Postgres) -> Management:
    return Management(management_postgres, database_url.rpartition("/")[2])


@pytest.fixture
def rows(management: Management) -> Callable[[str], list[dict[str, Any]]]:
    """Rows of the management database, by SQL."""
    return management.rows
