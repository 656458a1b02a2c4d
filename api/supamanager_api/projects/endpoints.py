"""Where a project is reached: by its users, and by this program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from supamanager_api.projects import state
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import components, names


@dataclass(frozen=True)
class Endpoint:
    """The gateway of a project as its users reach it; `host` carries a port that is not the
    scheme's own."""

    scheme: str
    host: str

    @classmethod
    def of(cls, row: ProjectRow) -> Self:
        """What the operator reports, else what the spec asks for, else the Service."""
        reported = urlsplit(row.endpoints.get("api") or "")
        if reported.scheme and reported.netloc:
            return cls(reported.scheme, reported.netloc)
        http = state.spec(row).get("http") or {}
        if host := http.get("host"):
            return cls(http.get("scheme") or "https", host)
        gateway = components.COMPONENTS["gateway"]
        service = names.service_host(row.resource_name, gateway.name, row.namespace)
        return cls("http", f"{service}:{gateway.ports['http']}")

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}"

    @property
    def rest_url(self) -> str:
        return f"{self.url}/rest/v1/"


@dataclass(frozen=True)
class DatabaseEndpoint:
    """PostgreSQL as its users reach it."""

    host: str
    port: int

    @classmethod
    def of(cls, row: ProjectRow) -> Self:
        port = components.COMPONENTS["database"].ports["postgres"]
        if host := (state.spec(row).get("http") or {}).get("host"):
            return cls(names.database_host(names.host_name(host)), port)
        host, _, reported = (row.endpoints.get("database") or "").rpartition(":")
        if host and reported.isdigit():
            return cls(host, int(reported))
        return cls(names.service_host(row.resource_name, "database", row.namespace), port)


def service_url(template: str, *, project: str, component: str, namespace: str, port: str) -> str:
    """The base URL of a project's service for this program; `port` is the port's name."""
    number = components.COMPONENTS[component].ports[port]
    return template.format(project=project, component=component, namespace=namespace, port=number)
