"""Items of content and folders as Studio reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired

import pydantic_core
from typing_extensions import TypedDict

from supamanager_api.content.model import FolderRow, ItemRow, Items, Type, Visibility
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


class ItemPage(Paged):
    data: list[Item]


class FolderContent(Paged):
    data: InFolder


class Removed(TypedDict):
    id: Id


class Counts(TypedDict):
    favorites: int
    private: int
    shared: int


def item(row: ItemRow) -> Item:
    """Without its content, which `whole` adds."""
    return {
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


def whole(told: Mapping[str, Any], row: ItemRow) -> bytes:
    """The JSON of an item, told so, with the content that the row has."""
    head = pydantic_core.to_json(told)
    return head if row.content is None else b'%b,"content":%b}' % (head[:-1], row.content)


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


def whole_page(found: Items) -> bytes:
    items = b",".join(whole(item(row), row) for row in found.rows)
    end = b',"cursor":' + pydantic_core.to_json(found.cursor) if found.cursor else b""
    return b'{"data":[%b]%b}' % (items, end)


def page(data: Any, cursor: str | None) -> dict[str, Any]:
    return {"data": data, "cursor": cursor} if cursor else {"data": data}
