"""Inputs of a project for tests of rendering."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from supamanager_kube import project
from supamanager_operator.render import releases
from supamanager_operator.render.inputs import Cluster, Inputs

KEYS = {
    "jwt-secret": "a jwt secret of at least thirty-two characters",
    "jwt-keys": "[]",
    "jwks": '{"keys":[]}',
    "anon-key": "eyJ.legacy-anon.sig",
    "service-role-key": "eyJ.legacy-service.sig",
    "anon-key-asymmetric": "eyJ.es256-anon.sig",
    "service-role-key-asymmetric": "eyJ.es256-service.sig",
    "publishable-default": "sb_publishable_default",
    "secret-default": "sb_secret_default",
    "api-keys": json.dumps(
        [
            {"id": "default", "name": "default", "type": kind, "state": "active", "createdAt": ""}
            for kind in ("publishable", "secret")
        ]
    ),
}
DATABASE = {
    "host": "shop-database.projects.svc",
    "port": "5432",
    "dbname": "postgres",
    "username": "postgres",
    "password": "p@ss word",
    "password-urlencoded": "p%40ss%20word",
    "password-verifier": "SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy",
    "uri": "postgresql://postgres:p%40ss%20word@shop-database.projects.svc:5432/postgres",
    "crypto-key": "a crypto key of at least thirty-two characters",
}
DASHBOARD = {"username": "supabase", "password": "dashboard-password"}
INTERNAL = {
    "secret-key-base": "k" * 64,
    "realtime-db-enc-key": "sixteen letters!",
    "vault-enc-key": "v" * 32,
    "logflare-public-token": "public-token",
    "logflare-private-token": "private-token",
    "logflare-db-enc-key": "e" * 43 + "=",
    "s3-access-key-id": "0" * 32,
    "s3-secret-access-key": "1" * 64,
}

MakeInputs = Callable[..., Inputs]


@pytest.fixture
def make_inputs() -> MakeInputs:
    """Builds the inputs of project `shop` in namespace `projects` from a `spec`."""

    def make(
        spec: Mapping[str, Any] | None = None,
        *,
        name: str = "shop",
        keys: Mapping[str, str] | None = None,
        dashboard: Mapping[str, str] | None = None,
        cluster: Cluster | None = None,
    ) -> Inputs:
        release = releases.load(releases.latest())
        metadata = {"name": name, "namespace": "projects", "uid": "00000000-0000-0000-0000-01"}
        return Inputs(
            project=project.parse({"metadata": metadata, "spec": spec or {}}),
            release=release,
            postgres_version=release.postgres_version,
            keys={**KEYS, **(keys or {})},
            database={**DATABASE, "host": f"{name}-database.projects.svc"},
            dashboard={**DASHBOARD, **(dashboard or {})},
            internal=INTERNAL,
            cluster=cluster or Cluster(),
        )

    return make
