"""Kubeconfig files: one server, one user with a token."""

from __future__ import annotations

import base64
import json
from pathlib import Path


def write(
    path: Path, server: str, *, ca_file: Path, user: str, token: str, namespace: str = "default"
) -> Path:
    """A file that nobody else may read, and that holds everything: it names no other file."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "supamanager-dev",
                "cluster": {
                    "server": server,
                    "certificate-authority-data": base64.b64encode(ca_file.read_bytes()).decode(),
                },
            }
        ],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [
            {
                "name": "supamanager-dev",
                "context": {"cluster": "supamanager-dev", "user": user, "namespace": namespace},
            }
        ],
        "current-context": "supamanager-dev",
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(document, indent=2))
    return path
