"""The keys of a project's API: read from its Secret at each request, kept nowhere."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from typing import Final

from supamanager_api import errors
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import errors as kube_errors
from supamanager_kube import kinds, names, secrets
from supamanager_kube.client import KubeClient

_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Keys:
    """Empty until the operator has made them."""

    anon: str = ""
    service_role: str = ""
    jwt_secret: str = ""


async def read(kube: KubeClient, row: ProjectRow) -> Keys:
    """Raises Unavailable when the API server does not answer."""
    name = names.child(row.resource_name, secrets.KEYS)
    try:
        async with asyncio.timeout(_SECONDS):
            body = await kube.get(kinds.SECRET, row.namespace, name)
    except kube_errors.NotFound:
        return Keys()
    except (TimeoutError, kube_errors.KubeError) as failure:
        if isinstance(failure, kube_errors.KubeError) and not failure.retriable:
            raise
        raise errors.Unavailable(
            "The keys cannot be read: the Kubernetes API does not answer; try again"
        ) from None
    data = body.get("data") or {}

    def value(key: str) -> str:
        return base64.b64decode(data.get(key) or "").decode()

    return Keys(value("anon-key"), value("service-role-key"), value("jwt-secret"))
