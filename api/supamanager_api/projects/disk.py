"""How large the volume of a database is, and how much of it PostgreSQL takes.

The size is the volume's, which the operator reports. What is taken, the database itself tells;
files that are not PostgreSQL's, and what a file system keeps for itself, nobody counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from supamanager_api import errors
from supamanager_api.projects import pgmeta, sizes
from supamanager_api.projects.model import ProjectRow
from supamanager_api.projects.upstream import Services
from supamanager_kube import quantities
from supamanager_kube.client import KubeClient

_READ_SECONDS: Final = 20.0
_QUESTION: Final = """
SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at,
    ((SELECT sum(pg_tablespace_size(oid)) FROM pg_tablespace)
        + (SELECT coalesce(sum(size), 0) FROM pg_ls_waldir()))::text AS used
"""


@dataclass(frozen=True)
class Use:
    """In bytes."""

    size: int
    used: int
    at: datetime


async def use(kube: KubeClient, services: Services, row: ProjectRow) -> Use:
    """
    Raises:
        Conflict: there is no volume yet.
        Unavailable, TimedOut: the database does not tell.
    """
    size = (row.facts.get("volumes") or {}).get("database")
    if not size:
        raise errors.Conflict(sizes.NO_VOLUME)
    # The role that may only read is not told about files of the server.
    connection = await pgmeta.connection(kube, row, writes=True)
    body = json.dumps({"query": _QUESTION}).encode()
    call = pgmeta.call(connection, "POST", "query", body=body, read_seconds=_READ_SECONDS)
    reply = await services.ask(row, call)
    if not reply.succeeded:
        raise errors.Unavailable("The project's database does not tell what it takes")
    (told,) = reply.json()
    return Use(int(quantities.value(size)), int(told["used"]), datetime.fromisoformat(told["at"]))
