"""The facts that a project's status tells its users, beside the conditions."""

from __future__ import annotations

from typing import Any

from supamanager_kube import names
from supamanager_kube import secrets as layout
from supamanager_operator.credentials import jwt_keys
from supamanager_operator.render import values
from supamanager_operator.render.inputs import Inputs


def facts(inputs: Inputs) -> dict[str, Any]:
    """Fields of the status by name: never a secret's value."""
    name = inputs.project.metadata.name
    url = values.public_url(inputs)
    studio = {"studio": url} if inputs.enabled("studio") else {}
    return {
        "endpoints": {
            "api": url,
            "database": f"{inputs.database['host']}:{inputs.database['port']}",
            **studio,
        },
        "secretRefs": {
            suffix: names.child(name, suffix)
            for suffix in (layout.KEYS, layout.DATABASE, layout.DASHBOARD)
        },
        "apiKeys": jwt_keys.api_keys(dict(inputs.keys)),
        "version": inputs.release.version,
        "postgresVersion": inputs.postgres_version,
    }
