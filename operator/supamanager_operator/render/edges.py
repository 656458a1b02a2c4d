"""Who may open a connection to whom: one table of the edges inside a project, and of those that
cross its border."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from supamanager_operator.render import values


@dataclass(frozen=True)
class Edge:
    """`port` is a port of the target by name; `why` is told in docs/service-communication.md."""

    source: str
    target: str
    port: str = "http"
    why: str = field(kw_only=True)
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
    why: str = field(kw_only=True)


TABLE: Final = (
    Edge("gateway", "auth", why="requests below /auth/v1"),
    Edge("gateway", "rest", why="requests below /rest/v1 and /graphql/v1"),
    Edge("gateway", "realtime", why="requests and WebSockets below /realtime/v1"),
    Edge("gateway", "storage", why="requests below /storage/v1"),
    Edge("gateway", "functions", why="requests below /functions/v1"),
    Edge("gateway", "meta", why="requests below /pg with the service key"),
    Edge("gateway", "studio", why="everything else, with the dashboard's password"),
    Edge("auth", "database", "postgres", why="users and sessions, in the schema auth"),
    Edge("auth", "gateway", in_cluster=True, why="the public URL, for as long as it is in-cluster"),
    Edge("rest", "database", "postgres", why="the queries of every request"),
    Edge("rest", "gateway", in_cluster=True, why="the public URL, for as long as it is in-cluster"),
    Edge("realtime", "database", "postgres", why="the write-ahead log, and its own tenants"),
    Edge("storage", "database", "postgres", why="buckets, objects and who may see them"),
    Edge("storage", "rest", why="the address that the service is configured with"),
    Edge("storage", "imgproxy", why="images that are asked for in another size"),
    Edge(
        "storage",
        "gateway",
        in_cluster=True,
        why="the public URL, for as long as it is in-cluster",
    ),
    Edge("meta", "database", "postgres", why="the catalog, and SQL that Studio sends"),
    Edge("functions", "gateway", why="SUPABASE_URL, which functions call the project at"),
    Edge("functions", "database", "postgres", why="SUPABASE_DB_URL, for functions that use SQL"),
    Edge("analytics", "database", "postgres", why="logs, in a database of their own"),
    Edge("vector", "analytics", why="log lines, sorted by service"),
    Edge("studio", "meta", why="tables and SQL"),
    Edge("studio", "gateway", why="users, files and the API, as its pages show them"),
    Edge("studio", "database", "postgres", why="SQL of its own server"),
    Edge("studio", "analytics", why="the pages of logs"),
    Edge(values.INIT, "database", "postgres", why="roles, schemas and extensions, once"),
)

ENTRIES: Final = (
    # The gateway authenticates; the namespace of an ingress controller cannot be known.
    Entry(Outside.ANYONE, "gateway", why="the project's users; the gateway authenticates"),
    Entry(Outside.API, "gateway", why="users of auth, files, and what REST tells of itself"),
    Entry(Outside.API, "meta", why="tables and SQL of Studio's pages"),
    Entry(Outside.API, "storage", why="nothing yet: files go by the gateway"),
    Entry(Outside.API, "analytics", why="logs of Studio's pages"),
    Entry(Outside.LOG_ROUTER, "vector", "logs", why="log lines of the project's pods"),
    Entry(
        Outside.DATABASE_CLIENTS,
        "database",
        "postgres",
        why="clients of PostgreSQL outside of the project",
    ),
)

INTERNET: Final = ("auth", "database", "functions", "imgproxy")
"""Components that call addresses which users choose: mail and login providers, webhooks, images."""
