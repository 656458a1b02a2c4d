"""Lists of projects, as PostgreSQL writes them."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from supamanager_api.database import Database
from supamanager_api.projects import queries, sizes
from supamanager_api.projects.model import Filter, Page, ProjectRow, Visible


class Listing:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, visible: Visible, wanted: Filter) -> Page:
        """Projects that are visible, and not removed."""
        async with self._database.acquire() as connection:
            count = None
            if wanted.limit is not None:
                count = (await queries.COUNT.certain(connection, *_which(visible, wanted))).count
            rows = await queries.LIST(connection, *_asked(visible, wanted))
        return Page(len(rows) if count is None else count, rows)

    async def told(self, visible: Visible, wanted: Filter, *, between: str) -> str | None:
        """The items of `page` as one text, each without its opening brace; None for no project."""
        asked = _asked(visible, wanted)
        async with self._database.acquire() as connection:
            return (await queries.TELL.certain(connection, *asked, between)).items

    async def whole(self, visible: Visible) -> list[ProjectRow]:
        """All that is known of the projects that are visible, and not removed; oldest first."""
        found = await self.page(visible, Filter())
        async with self._database.acquire() as connection:
            return await queries.PROJECTS(connection, [row.project_ref for row in found.rows])


_Which: TypeAlias = tuple[list[int], list[str], list[str], bool, str | None, list[str] | None]
_Asked: TypeAlias = tuple[
    *_Which, str, int | None, int, list[str] | None, str, str | None, datetime | None, int | None
]


def _which(visible: Visible, wanted: Filter) -> _Which:
    return (
        list(visible.organization_ids),
        list(visible.hidden),
        list(visible.refs),
        visible.unclaimed,
        wanted.search,
        None if wanted.statuses is None else list(wanted.statuses),
    )


def _asked(visible: Visible, wanted: Filter) -> _Asked:
    return (
        *_which(visible, wanted),
        wanted.sort,
        wanted.limit,
        wanted.offset,
        None if wanted.providers is None else list(wanted.providers),
        sizes.DEFAULT,
        *wanted.after,
    )
