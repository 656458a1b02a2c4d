"""Small builders that the operator's unit tests share."""

from __future__ import annotations

from typing import Any

from supamanager_kube import labels
from supamanager_kube.components import COMPONENTS
from supamanager_kube.project import SupabaseProject, parse
from supamanager_operator.observe import ComponentState


def project(
    spec: dict[str, Any] | None = None, *, status: dict[str, Any] | None = None, **metadata: Any
) -> SupabaseProject:
    body = {
        "apiVersion": labels.API_VERSION,
        "kind": labels.KIND,
        "metadata": {
            "name": "demo",
            "namespace": "team",
            "uid": "11111111-1111-1111-1111-111111111111",
            "generation": 3,
            "resourceVersion": "7",
            "creationTimestamp": "2026-01-01T00:00:00Z",
            **metadata,
        },
        "spec": spec or {},
        "status": status or {"observedGeneration": -1},
    }
    return parse(body)


def components(*down: str, **changes: Any) -> tuple[ComponentState, ...]:
    """All twelve, ready and rolled out but for those named."""
    return tuple(
        ComponentState(
            **{
                "name": name,
                "enabled": True,
                "wanted": 1,
                "replicas": 1,
                "ready": 0 if name in down else 1,
                "rolled_out": True,
                "version": "v1",
                **changes,
            }
        )
        for name in COMPONENTS
    )
