"""Everything that rendering depends on: the same inputs give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from supamanager_kube.components import COMPONENTS
from supamanager_kube.project import Service, SupabaseProject
from supamanager_operator.render.releases import Release


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Facts of the installation, from the operator's settings."""

    api_namespace: str = "supamanager"
    """Namespace of the management API: allowed to reach gateway, meta and storage."""
    log_router_namespace: str = "supamanager-logs"
    """Namespace of the log router: allowed to reach vector."""
    api_server_cidrs: tuple[str, ...] = ()
    """Addresses of the API server, left out of the egress to the internet."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """`keys`, `database`, `dashboard` and `internal` are the decoded data of the Secrets of those
    suffixes, whole and valid."""

    project: SupabaseProject
    release: Release
    postgres_version: int
    keys: Mapping[str, str]
    database: Mapping[str, str]
    dashboard: Mapping[str, str]
    internal: Mapping[str, str]
    restarted: Mapping[str, str] = field(default_factory=dict)
    """By component, the restart that its pods have had."""
    cluster: Cluster = Cluster()

    @property
    def name(self) -> str:
        return self.project.metadata.name

    @property
    def namespace(self) -> str:
        return self.project.metadata.namespace

    def service(self, component: str) -> Service:
        """What the resource says about one component; empty when it says nothing."""
        return self.project.spec.services.get(component, Service())

    def restart(self, component: str) -> str:
        """The restart that the component's pods are made for.

        One that is not asked for any more stays: to undo it would be another.
        """
        if component not in COMPONENTS:
            return ""
        return self.project.spec.restart.asked(component) or self.restarted.get(component, "")

    def enabled(self, component: str) -> bool:
        return self.service(component).enabled is not False
