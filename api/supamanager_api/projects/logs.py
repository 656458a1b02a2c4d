"""The log store of a project, which is asked inside the cluster: no gateway leads to it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from supamanager_api import errors
from supamanager_api.projects import secretdata, upstream
from supamanager_api.projects.model import ProjectRow
from supamanager_api.projects.upstream import Call
from supamanager_kube import secrets
from supamanager_kube.client import KubeClient

COMPONENT: Final = "analytics"
UNKNOWN: Final = "There is no such query"
_TOKEN: Final = "logflare-private-token"  # noqa: S105 - a key of a Secret
_PROJECT: Final = "default"
"""What the project's log pipeline calls the project in every line."""
_NAME: Final = re.compile(r"[a-z0-9]+([-.][a-z0-9]+)*")


async def query(
    kube: KubeClient, row: ProjectRow, name: str, *, method: str, parameters: Mapping[str, Any]
) -> Call:
    """The question to one of the store's named queries.

    Raises:
        NotFound: no query has such a name.
        Unavailable: the API server does not answer, or the project has no store yet.
    """
    if not _NAME.fullmatch(name):
        raise errors.NotFound(UNKNOWN)
    token = (await secretdata.read(kube, row, secrets.INTERNAL)).get(_TOKEN)
    if not token:
        raise errors.Unavailable(f"The project has no log store yet; it is {row.status}")
    asked = {**parameters, "project": _PROJECT}
    headers = {"X-API-Key": token, "Accept": "application/json"}
    body = None
    if method == "POST":
        body = json.dumps(asked).encode()
        headers["Content-Type"] = "application/json"
    return Call(
        component=COMPONENT,
        method=method,
        path=upstream.path("api", "endpoints", "query", name),
        query="" if body else urlencode(asked),
        headers=headers,
        body=body,
    )
