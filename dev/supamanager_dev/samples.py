"""Projects that show everything a release can render, with made-up Secrets.

The recorded hashes and the table in the documentation are made from them.
"""

from __future__ import annotations

import json
from typing import Any, Final

from supamanager_kube import labels, names, project, secrets
from supamanager_kube.components import COMPONENTS
from supamanager_operator.render import releases
from supamanager_operator.render.inputs import Inputs

_NAME: Final = "demo"
_NAMESPACE: Final = "projects"
_KEY_TYPES: Final = ("publishable", "secret")

SPECS: Final[dict[str, dict[str, Any]]] = {
    "empty": {},
    "postgres-15": {"database": {"managed": {"postgresVersion": 15}}},
    "public": {"http": {"host": "demo.example.com"}, "displayName": "Demo"},
    "largest": {"size": "2xlarge"},
    "few-services": {
        "services": {
            name: {"enabled": False}
            for name in ("realtime", "imgproxy", "functions", "analytics", "vector")
        }
    },
    "no-storage": {"services": {"storage": {"enabled": False}}},
    "every-field": {
        "http": {"host": "demo.example.com:8443", "scheme": "https"},
        "auth": {
            "siteURL": "https://app.example.com",
            "redirectURLs": ["https://app.example.com/**", "demo://callback"],
            "jwtExpirySeconds": 600,
            "disableSignup": True,
            "email": {"enabled": False, "autoconfirm": True},
            "phone": True,
            "anonymousUsers": True,
        },
        "database": {
            "managed": {
                "storage": {"size": "40Gi", "className": "fast"},
                "parameters": {"max_connections": "200", "work_mem": "8MB"},
            }
        },
        "storage": {
            "file": {"size": "100Gi", "className": "big"},
            "fileSizeLimit": 1_000_000,
            "imageTransformation": False,
        },
        "rest": {"schemas": ["public", "api"], "maxRows": 10, "extraSearchPath": ["extensions"]},
        "functions": {"verifyJWT": False},
        "studio": {"organizationName": "Acme", "projectName": "Shop"},
        "services": {
            name: {
                "image": f"registry.example.com/{name}:1",
                "resources": {"requests": {"cpu": "1", "memory": "1Gi"}},
                "env": [{"name": "EXTRA", "value": "$(HOME)"}],
                "nodeSelector": {"pool": name},
                "tolerations": [{"key": "pool", "operator": "Exists"}],
                "priorityClassName": "high",
            }
            for name in COMPONENTS
        },
        "placement": {
            "nodeSelector": {"region": "north"},
            "tolerations": [{"key": "region", "value": "north", "effect": "NoSchedule"}],
            "topologySpread": [{"topologyKey": "topology.kubernetes.io/zone"}],
        },
        "restart": {"at": "2026-05-01T12:00:00Z"},
    },
}


def inputs(sample: str, version: str) -> Inputs:
    """The inputs of one of SPECS in a release."""
    release = releases.load(version)
    body = {
        "apiVersion": labels.API_VERSION,
        "kind": labels.KIND,
        "metadata": {
            "name": _NAME,
            "namespace": _NAMESPACE,
            "uid": "00000000-0000-4000-8000-000000000000",
        },
        "spec": SPECS[sample],
    }
    resource = project.parse(body)
    managed = resource.spec.database.managed
    listed = [
        {"id": "1", "name": "default", "type": kind, "state": "active", "createdAt": ""}
        for kind in _KEY_TYPES
    ]
    return Inputs(
        project=resource,
        release=release,
        postgres_version=(managed and managed.postgres_version) or release.postgres_version,
        keys=_sample(secrets.KEYS)
        | {f"{kind}-1": f"sample {kind} key" for kind in _KEY_TYPES}
        | {"api-keys": json.dumps(listed)},
        database=_sample(secrets.DATABASE)
        | {
            "host": names.service_host(_NAME, "database", _NAMESPACE),
            "port": str(COMPONENTS["database"].ports["postgres"]),
            "dbname": "postgres",
        },
        dashboard=_sample(secrets.DASHBOARD),
        internal=_sample(secrets.INTERNAL),
    )


def _sample(suffix: str) -> dict[str, str]:
    return {key: f"sample {suffix} {key}" for key in secrets.SECRETS[suffix].keys}
