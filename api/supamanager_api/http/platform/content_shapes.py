"""Items of content and folders as Studio reads them."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from supamanager_api.content.model import FolderRow, ItemRow, Type, Visibility
from supamanager_api.http.answers import Id, Instant


class Person(TypedDict):
    id: int
    username: str


class Item(TypedDict):
    """`content` is left out of lists that Studio reads the names of."""

    id: Id
    name: str
    description: str | None
    type: Type
    visibility: Visibility
    owner_id: int | None
    owner: Person
    updated_by: Person
    last_updated_by: int | None
    project_id: int
    folder_id: Id | None
    favorite: bool
    inserted_at: Instant
    updated_at: Instant
    content: NotRequired[dict[str, Any] | None]


class Folder(TypedDict):
    id: Id
    name: str
    owner_id: int
    parent_id: Id | None
    project_id: int


class InFolder(TypedDict):
    folders: list[Folder]
    contents: list[Item]


class Paged(TypedDict):
    """The cursor asks for the page that follows; without one there is none."""

    cursor: NotRequired[str]


class Items(Paged):
    data: list[Item]


class FolderContent(Paged):
    data: InFolder


class Removed(TypedDict):
    id: Id


class Counts(TypedDict):
    favorites: int
    private: int
    shared: int


def item(row: ItemRow, *, full: bool = True) -> Item:
    shape: Item = {
        "id": str(row.id),
        "name": row.name,
        "description": row.description,
        "type": row.type,
        "visibility": row.visibility,
        "owner_id": row.owner_id,
        "owner": person(row.owner_id, row.owner_name),
        "updated_by": person(row.updated_by_id, row.updated_by_name),
        "last_updated_by": row.updated_by_id,
        "project_id": row.project_id,
        "folder_id": str(row.folder_id) if row.folder_id else None,
        "favorite": row.favorite,
        "inserted_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }
    if full:
        shape["content"] = row.content
    return shape


def person(account_id: int | None, username: str | None) -> Person:
    """Who is gone has no number that an account has."""
    return {"id": account_id or 0, "username": username or ""}


def folder(row: FolderRow) -> Folder:
    return {
        "id": str(row.id),
        "name": row.name,
        "owner_id": row.owner_id,
        "parent_id": str(row.parent_id) if row.parent_id else None,
        "project_id": row.project_id,
    }


def page(data: Any, cursor: str | None) -> dict[str, Any]:
    return {"data": data, "cursor": cursor} if cursor else {"data": data}
