"""Folders: how one person sorts what they keep about one project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from supamanager_api import errors
from supamanager_api.content import queries, quotas
from supamanager_api.content.model import FolderRow, Given
from supamanager_api.content.quotas import Quota
from supamanager_api.content.service import NO_FOLDER
from supamanager_api.database import Database

_DEEPEST: Final = 8


class Folders:
    def __init__(self, database: Database, quota: Quota) -> None:
        self._database = database
        self._quota = quota

    async def list(
        self, project_id: int, owner: int, *, parent: UUID | None, name: str | None
    ) -> list[FolderRow]:
        """The owner's folders in another one, or in none.

        Raises:
            NotFound: there is no such parent.
        """
        async with self._database.acquire() as connection:
            if parent is not None:
                found = await queries.FOLDER(connection, parent, project_id, owner)
                if found is None:
                    raise errors.NotFound(NO_FOLDER)
            return await queries.FOLDERS(connection, project_id, owner, parent, name)

    async def create(
        self, project_id: int, owner: int, *, name: str, parent: UUID | None
    ) -> FolderRow:
        """Raises as `change`, and QuotaExceeded."""
        async with self._database.transaction() as connection:
            await queries.QUEUE(connection, quotas.LOCK, project_id)
            known = await queries.LOCK_FOLDERS(connection, project_id, owner)
            _check(known, folder=None, parent=parent)
            quotas.check_folders(self._quota, len(known) + 1)
            return await queries.CREATE_FOLDER.certain(connection, project_id, owner, parent, name)

    async def change(
        self,
        project_id: int,
        owner: int,
        folder: UUID,
        *,
        name: str | None,
        parent: Given[UUID | None] | None,
    ) -> FolderRow:
        """
        Raises:
            NotFound: there is no such folder, or no such parent.
            Invalid: it would lie in itself, or too deep.
        """
        async with self._database.transaction() as connection:
            known = await queries.LOCK_FOLDERS(connection, project_id, owner)
            if all(each.id != folder for each in known):
                raise errors.NotFound(NO_FOLDER)
            target = None if parent is None else parent.value
            _check(known, folder=folder, parent=target)
            return await queries.UPDATE_FOLDER.certain(
                connection, folder, name, parent is not None, target
            )

    async def delete(self, project_id: int, owner: int, folders: Sequence[UUID]) -> None:
        """Remove all of them with what is in them, or none.

        Raises:
            NotFound
        """
        async with self._database.transaction() as connection:
            known = {each.id for each in await queries.LOCK_FOLDERS(connection, project_id, owner)}
            if not known.issuperset(folders):
                raise errors.NotFound(NO_FOLDER)
            for folder in folders:
                await queries.DELETE_FOLDER(connection, folder)


def _check(known: Sequence[FolderRow], *, folder: UUID | None, parent: UUID | None) -> None:
    parents = {each.id: each.parent_id for each in known}
    above, place = 0, parent
    while place is not None:
        if place not in parents:
            raise errors.NotFound(NO_FOLDER)
        above += 1
        if place == folder or above > _DEEPEST:
            raise errors.Invalid("parent_id: a folder lies neither in itself nor in so many others")
        place = parents[place]
