"""Who may open a connection to whom: one table of the edges inside a project, and of those that
cross its border."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from supamanager_operator.render import values


@dataclass(frozen=True)
class Edge:
    """`port` is a port of the target by name."""

    source: str
    target: str
    port: str = "http"
    in_cluster: bool = False
    """Holds only while the public URL is the gateway's own: the source is told that URL."""


class Outside(Enum):
    """Who is no pod of the project."""

    ANYONE = "anyone"
    API = "the management API"
    LOG_ROUTER = "the log router"
    DATABASE_CLIENTS = "spec.network.databaseAllowedCIDRs"


@dataclass(frozen=True)
class Entry:
    """An edge from outside."""

    source: Outside
    target: str
    port: str = "http"


TABLE: Final = (
    Edge("gateway", "auth"),
    Edge("gateway", "rest"),
    Edge("gateway", "realtime"),
    Edge("gateway", "storage"),
    Edge("gateway", "functions"),
    Edge("gateway", "meta"),
    Edge("gateway", "studio"),
    Edge("auth", "database", "postgres"),
    Edge("auth", "gateway", in_cluster=True),
    Edge("rest", "database", "postgres"),
    Edge("rest", "gateway", in_cluster=True),
    Edge("realtime", "database", "postgres"),
    Edge("storage", "database", "postgres"),
    Edge("storage", "rest"),
    Edge("storage", "imgproxy"),
    Edge("storage", "gateway", in_cluster=True),
    Edge("meta", "database", "postgres"),
    Edge("functions", "gateway"),
    Edge("functions", "database", "postgres"),
    Edge("analytics", "database", "postgres"),
    Edge("vector", "analytics"),
    Edge("studio", "meta"),
    Edge("studio", "gateway"),
    Edge("studio", "database", "postgres"),
    Edge("studio", "analytics"),
    Edge(values.INIT, "database", "postgres"),
)

ENTRIES: Final = (
    # The gateway authenticates; the namespace of an ingress controller cannot be known.
    Entry(Outside.ANYONE, "gateway"),
    Entry(Outside.API, "gateway"),
    Entry(Outside.API, "meta"),
    Entry(Outside.API, "storage"),
    Entry(Outside.API, "analytics"),
    Entry(Outside.LOG_ROUTER, "vector", "logs"),
    Entry(Outside.DATABASE_CLIENTS, "database", "postgres"),
)

INTERNET: Final = ("auth", "database", "functions", "imgproxy")
"""Components that call addresses which users choose: mail and login providers, webhooks, images."""
