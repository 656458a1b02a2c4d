"""A project's services by its own gateway, with the key that may do everything.

The key is read at each request, and no caller learns it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from supamanager_api import errors
from supamanager_api.projects import keys, upstream
from supamanager_api.projects.model import ProjectRow
from supamanager_api.projects.upstream import Call
from supamanager_kube.client import KubeClient

COMPONENT: Final = "gateway"

AUTH: Final = ("auth", "v1")
STORAGE: Final = ("storage", "v1")


@dataclass(frozen=True)
class Gateway:
    key: str = field(repr=False)

    def call(
        self,
        method: str,
        *segments: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        root: bool = False,
    ) -> Call:
        """A request; `root` is the path with a slash at its end, `body` becomes JSON."""
        sent = {"apikey": self.key, "Authorization": f"Bearer {self.key}", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        given = {name: value for name, value in (query or {}).items() if value is not None}
        return Call(
            component=COMPONENT,
            method=method,
            path=upstream.path(*segments) + ("/" if root else ""),
            query=urlencode(given),
            headers=sent,
            body=None if body is None else json.dumps(body).encode(),
        )


async def of(kube: KubeClient, row: ProjectRow) -> Gateway:
    """Raises Unavailable: the API server does not answer, or the project has no keys yet."""
    key = (await keys.read(kube, row)).service_role
    if not key:
        raise errors.Unavailable(f"The project has no keys yet; it is {row.status}")
    return Gateway(key)
