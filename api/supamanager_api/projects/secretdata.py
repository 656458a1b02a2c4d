"""The data of a project's Secrets: read at each request, kept nowhere.

A Secret is found by its name, which may be another project's by now: each carries the uid of the
resource that it was made for.
"""

from __future__ import annotations

import asyncio
import base64
from typing import Final

from supamanager_api import errors
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import errors as kube_errors
from supamanager_kube import kinds, labels, names
from supamanager_kube.client import Body, KubeClient

_SECONDS: Final = 5.0


async def read(kube: KubeClient, row: ProjectRow, suffix: str) -> dict[str, str]:
    """The data of `<project>-<suffix>`; empty until the project has this Secret.

    Raises:
        Unavailable: the API server does not answer.
    """
    body = await find(kube, row, suffix)
    return decoded(body) if body else {}


def decoded(body: Body) -> dict[str, str]:
    """The data of a Secret."""
    data: dict[str, str] = body.get("data") or {}
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


async def find(kube: KubeClient, row: ProjectRow, suffix: str) -> Body | None:
    """The Secret `<project>-<suffix>`, if it was made for this project's resource.

    Raises:
        Unavailable: the API server does not answer.
    """
    body = await occupant(kube, row, suffix)
    if body is None or row.resource_uid is None:
        return None
    known: dict[str, str] = body["metadata"].get("labels") or {}
    return body if known.get(labels.PROJECT_UID) == row.resource_uid else None


async def occupant(kube: KubeClient, row: ProjectRow, suffix: str) -> Body | None:
    """What has the name `<project>-<suffix>`, whose ever it is.

    Raises:
        Unavailable: the API server does not answer.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            return await kube.get(
                kinds.SECRET, row.namespace, names.child(row.resource_name, suffix)
            )
    except kube_errors.NotFound:
        return None
    except (TimeoutError, kube_errors.KubeError) as failure:
        if isinstance(failure, kube_errors.KubeError) and not failure.retriable:
            raise
        raise errors.Unavailable(
            "The keys cannot be read: the Kubernetes API does not answer; try again"
        ) from None
