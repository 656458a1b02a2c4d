"""The keys of a project's API: read from its Secret at each request, kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass

from supamanager_api.projects import secretdata
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import secrets
from supamanager_kube.client import KubeClient


@dataclass(frozen=True)
class Keys:
    """Empty until the operator has made them."""

    anon: str = ""
    service_role: str = ""
    jwt_secret: str = ""


async def read(kube: KubeClient, row: ProjectRow) -> Keys:
    """Raises Unavailable when the API server does not answer."""
    data = await secretdata.read(kube, row, secrets.KEYS)
    return Keys(
        data.get("anon-key", ""), data.get("service-role-key", ""), data.get("jwt-secret", "")
    )
