"""Keeping items of content: private to their owner, or shared in the project.

An item that somebody may not see is not there for them, whatever they know its id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from supamanager_api import errors
from supamanager_api.content import cursors, queries, quotas
from supamanager_api.content.model import (
    Change,
    CountsRow,
    ItemRow,
    Items,
    LockedRow,
    Wanted,
)
from supamanager_api.content.quotas import Quota
from supamanager_api.database import Connection, Database

UNKNOWN: Final = "Content not found"
NO_FOLDER: Final = "Folder not found"
_PAGE: Final = 4 * 2**20
"""Bytes of the items of one page; one that is larger is a page of its own."""

Allow = Callable[[str, LockedRow], None]
"""Raises Forbidden when the action is not for the one who asks."""


class Contents:
    def __init__(self, database: Database, quota: Quota) -> None:
        self._database = database
        self._quota = quota

    async def page(
        self, project_id: int, viewer: int, wanted: Wanted, *, folder: UUID | None = None
    ) -> Items:
        """Items that the viewer sees, whatever folder they are in unless it is named.

        Raises:
            Invalid: the cursor.
        """
        return await self._page(project_id, viewer, wanted, anywhere=folder is None, folder=folder)

    async def root(self, project_id: int, viewer: int, wanted: Wanted) -> Items:
        """As `page`, of what is in no folder."""
        return await self._page(project_id, viewer, wanted, anywhere=False, folder=None)

    async def _page(
        self,
        project_id: int,
        viewer: int,
        wanted: Wanted,
        *,
        anywhere: bool,
        folder: UUID | None,
    ) -> Items:
        value, item = cursors.read(wanted.cursor, wanted.sort)
        async with self._database.acquire() as connection:
            rows = await queries.LIST(
                connection,
                project_id,
                viewer,
                wanted.type,
                wanted.visibility,
                wanted.favorite,
                wanted.name,
                anywhere,
                folder,
                wanted.sort,
                wanted.full,
                value,
                item,
                wanted.limit,
                _PAGE,
            )
        more = bool(rows) and rows[-1].more
        return Items(rows, cursors.after(rows[-1], wanted.sort) if more else None)

    async def count(
        self, project_id: int, viewer: int, *, type_: str | None, name: str | None
    ) -> CountsRow:
        async with self._database.acquire() as connection:
            return await queries.COUNT.certain(connection, project_id, viewer, type_, name)

    async def get(self, project_id: int, viewer: int, item: UUID) -> ItemRow:
        """Raises NotFound."""
        async with self._database.acquire() as connection:
            return await _read(connection, item, project_id=project_id, viewer=viewer)

    async def project_of(self, item: UUID) -> str | None:
        """The ref of the project that an item belongs to."""
        async with self._database.acquire() as connection:
            found = await queries.PROJECT(connection, item)
        return None if found is None else found.ref

    async def save(
        self,
        project_id: int,
        account_id: int,
        item: UUID,
        change: Change,
        *,
        allow: Allow,
        create: bool,
    ) -> ItemRow:
        """Store an item under the id that the browser chose: a new one, or what is changed of one.

        Raises:
            NotFound: the id is one of another project, or of another's private item.
            Invalid: a new item lacks its name or type, or it is too large.
            Forbidden, QuotaExceeded
        """
        async with self._database.transaction() as connection:
            await queries.QUEUE(connection, quotas.LOCK, project_id)
            locked = await queries.LOCK(connection, item)
            if locked is None and create:
                created = await _create(connection, item, change, project_id, account_id, allow)
                locked = None if created else await queries.LOCK(connection, item)
            else:
                created = False
            if created:
                await quotas.check(
                    connection, self._quota, project_id, account_id, item=item, before=None
                )
            else:
                locked = _seen(locked, project_id=project_id, viewer=account_id)
                allow("write:Update", locked)
                await _update(connection, locked, change, account_id)
                await quotas.check(
                    connection,
                    self._quota,
                    project_id,
                    locked.owner_id,
                    item=item,
                    before=locked.size,
                )
            if change.favorite is not None:
                mark = queries.ADD_FAVORITE if change.favorite else queries.DROP_FAVORITE
                await mark(connection, item, account_id)
            return await _read(connection, item, project_id=project_id, viewer=account_id)

    async def delete(
        self, project_id: int, account_id: int, items: Sequence[UUID], *, allow: Allow
    ) -> None:
        """Remove all of them, or none.

        Raises:
            NotFound, Forbidden
        """
        async with self._database.transaction() as connection:
            for item in sorted(set(items)):
                locked = await queries.LOCK(connection, item)
                allow("write:Delete", _seen(locked, project_id=project_id, viewer=account_id))
                await queries.DELETE(connection, item)


async def _create(
    connection: Connection,
    item: UUID,
    change: Change,
    project_id: int,
    account_id: int,
    allow: Allow,
) -> bool:
    """False when another process has stored the same id meanwhile."""
    if not change.name or not change.type:
        raise errors.Invalid("name, type: a new item has both")
    visibility = change.visibility or "user"
    allow("write:Create", LockedRow(item, project_id, account_id, change.type, visibility, 0))
    folder = change.folder.value if change.folder else None
    await _check_folder(connection, folder, project_id, account_id)
    made = await queries.CREATE(
        connection,
        item,
        project_id,
        account_id,
        folder,
        change.name,
        change.description.value if change.description else None,
        change.type,
        visibility,
        change.content or {},
    )
    return made == 1


async def _update(
    connection: Connection, locked: LockedRow, change: Change, account_id: int
) -> None:
    # Folders are their owner's: to others they say nothing.
    folder = change.folder if locked.owner_id == account_id else None
    if folder is not None:
        await _check_folder(connection, folder.value, locked.project_id, account_id)
    await queries.UPDATE(
        connection,
        locked.id,
        account_id,
        folder is not None,
        folder.value if folder else None,
        change.name,
        change.description is not None,
        change.description.value if change.description else None,
        change.type,
        change.visibility,
        change.content,
    )


async def _read(connection: Connection, item: UUID, *, project_id: int, viewer: int) -> ItemRow:
    row = await queries.ITEM(connection, item, viewer)
    if (
        row is None
        or row.project_id != project_id
        or (row.visibility == "user" and row.owner_id != viewer)
    ):
        raise errors.NotFound(UNKNOWN)
    return row


def _seen(locked: LockedRow | None, *, project_id: int, viewer: int) -> LockedRow:
    if (
        locked is None
        or locked.project_id != project_id
        or (locked.visibility == "user" and locked.owner_id != viewer)
    ):
        raise errors.NotFound(UNKNOWN)
    return locked


async def _check_folder(
    connection: Connection, folder: UUID | None, project_id: int, account_id: int
) -> None:
    if folder is not None and (
        await queries.FOLDER(connection, folder, project_id, account_id) is None
    ):
        raise errors.NotFound(NO_FOLDER)
