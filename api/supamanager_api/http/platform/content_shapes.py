"""Items of content and folders as Studio reads them."""

from __future__ import annotations

from typing import Any

from supamanager_api.content.model import FolderRow, ItemRow


def item(row: ItemRow, *, full: bool = True) -> dict[str, Any]:
    shape: dict[str, Any] = {
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
    return {**shape, "content": row.content} if full else shape


def person(account_id: int | None, username: str | None) -> dict[str, Any]:
    """Who is gone has no number that an account has."""
    return {"id": account_id or 0, "username": username or ""}


def folder(row: FolderRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "owner_id": row.owner_id,
        "parent_id": str(row.parent_id) if row.parent_id else None,
        "project_id": row.project_id,
    }


def page(data: Any, cursor: str | None) -> dict[str, Any]:
    return {"data": data, "cursor": cursor} if cursor else {"data": data}
