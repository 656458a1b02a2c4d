"""Kubeconfig files: one server, one user with a token."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_NAME: Final = "supamanager-dev"


def write(
    path: Path, server: str, *, ca_file: Path, user: str, token: str, namespace: str = "default"
) -> Path:
    """A file that nobody else may read, and that holds everything: it names no other file."""
    cluster = {
        "server": server,
        "certificate-authority-data": base64.b64encode(ca_file.read_bytes()).decode(),
    }
    return write_for(path, cluster, user=user, token=token, namespace=namespace)


def write_for(
    path: Path, cluster: Mapping[str, Any], *, user: str, token: str, namespace: str
) -> Path:
    """The same for a server that another kubeconfig describes."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": _NAME, "cluster": dict(cluster)}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [
            {
                "name": _NAME,
                "context": {"cluster": _NAME, "user": user, "namespace": namespace},
            }
        ],
        "current-context": _NAME,
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(document, indent=2))
    return path
