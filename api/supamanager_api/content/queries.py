"""Queries of content, favourites and folders."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from supamanager_api import sql
from supamanager_api.content.model import (
    ContentProjectRow,
    CountsRow,
    FolderRow,
    ItemRow,
    KeptRow,
    ListedRow,
    LockedRow,
)

Json = dict[str, Any]

LIST = sql.Many[
    ListedRow,
    int,
    int,
    str | None,
    str | None,
    bool | None,
    str | None,
    bool,
    UUID | None,
    str,
    bool,
    str | None,
    UUID | None,
    int,
    int,
]("ListContent")
COUNT = sql.One[CountsRow, int, int, str | None, str | None]("CountContent")
ITEM = sql.One[ItemRow, UUID, int]("GetContent")
QUEUE = sql.Exec[int, int]("QueueForContent")
KEPT = sql.One[KeptRow, int, int | None, UUID]("CountKept")
LOCK = sql.One[LockedRow, UUID]("LockContent")
CREATE = sql.Exec[UUID, int, int, UUID | None, str, str | None, str, str, Json]("CreateContent")
UPDATE = sql.Exec[
    UUID,
    int,
    bool,
    UUID | None,
    str | None,
    bool,
    str | None,
    str | None,
    str | None,
    Json | None,
]("UpdateContent")
DELETE = sql.Exec[UUID]("DeleteContent")
PROJECT = sql.One[ContentProjectRow, UUID]("GetContentProject")

ADD_FAVORITE = sql.Exec[UUID, int]("AddFavorite")
DROP_FAVORITE = sql.Exec[UUID, int]("DropFavorite")

FOLDERS = sql.Many[FolderRow, int, int, UUID | None, str | None]("ListFolders")
FOLDER = sql.One[FolderRow, UUID, int, int]("GetFolder")
LOCK_FOLDERS = sql.Many[FolderRow, int, int]("LockFolders")
CREATE_FOLDER = sql.One[FolderRow, int, int, UUID | None, str]("CreateFolder")
UPDATE_FOLDER = sql.One[FolderRow, UUID, str | None, bool, UUID | None]("UpdateFolder")
DELETE_FOLDER = sql.Exec[UUID]("DeleteFolder")
