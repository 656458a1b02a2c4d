"""The queries of requests by a bare client, in their order."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

import asyncpg
import jwt
from table import Line, percentile

from supamanager_api import sql
from supamanager_api.http.platform import project_shapes as shapes

Query = tuple[Any, ...]
"""Its name, and its parameters."""


async def floor(url: str, name: str, *queries: Query, count: int) -> Line:
    """The queries of a request by a bare client that decodes rows and does nothing with them."""
    texts = [(sql.statements()[query].text, parameters) for query, *parameters in queries]
    connection = await asyncpg.connect(url)
    taken = []

    async def once() -> None:
        for text, parameters in texts:
            await connection.fetch(text, *parameters)

    for _ in range(5):
        await once()
    before = time.process_time()
    for _ in range(count):
        started = time.perf_counter()
        await once()
        taken.append((time.perf_counter() - started) * 1000)
    used = (time.process_time() - before) / count * 1000
    await connection.close()
    return Line(
        f"bare: {name}",
        1000 / statistics.mean(taken),
        statistics.median(taken),
        percentile(taken, 0.99),
        used,
    )


def floors(
    token: str, url: str, ref: str, *, slug: str, organization: int, count: int
) -> list[Line]:
    """Of each request that only reads, under its name."""
    claims = jwt.decode(token, options={"verify_signature": False})
    account = fetch(url, "SELECT id FROM accounts WHERE gotrue_id = $1", claims["sub"])
    project = fetch(url, "SELECT id FROM project WHERE project_ref = $1", ref)
    session = "GetAccountBySession", claims["session_id"], account, claims["sub"]
    mine = [organization], [], [], False, None, None
    after = "small", None, None, None
    enter = "EnterProject", account, ref
    reads: dict[str, tuple[int, list[Query]]] = {
        "who am I": (count, [session]),
        "organizations": (count, [session, ("GetMembershipsByAccount", account, None, None)]),
        "list of all projects": (
            count // 4,
            [
                session,
                ("GetMembershipsByAccount", account, None, None),
                ("TellProjects", *mine, "created_asc", None, 0, None, *after, shapes.BETWEEN),
            ],
        ),
        "page of 100": (
            count,
            [
                session,
                ("GetMembershipBySlug", account, slug),
                ("CountProjects", *mine),
                ("ListProjects", *mine, "created_asc", 101, 0, list(shapes.PROVIDERS), *after),
            ],
        ),
        "project": (count, [session, enter]),
        "status": (count, [session, enter, ("ListConditions", project)]),
    }
    return [
        asyncio.run(floor(url, name, *queries, count=times))
        for name, (times, queries) in reads.items()
    ]


def fetch(url: str, query: str, *parameters: Any) -> Any:
    async def ask() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(query, *parameters)
        finally:
            await connection.close()

    return asyncio.run(ask())
