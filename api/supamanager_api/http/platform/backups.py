"""Backups of a project's database. This release makes none, and says so."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from supamanager_api.deps import ProjectDep
from supamanager_api.http.routing import Router

router = Router(tags=["backups"])
v1 = Router(tags=["backups"])


class Backups(BaseModel):
    region: str
    pitr_enabled: bool = False
    walg_enabled: bool = False
    backups: list[dict[str, Any]] = []
    physicalBackupData: dict[str, int] = {}


class BackupsV1(BaseModel):
    region: str
    pitr_enabled: bool = False
    walg_enabled: bool = False
    backups: list[dict[str, Any]] = []
    physical_backup_data: dict[str, int] = {}


@router.get("/database/{ref}/backups")
async def list_backups(project: ProjectDep) -> Backups:
    return Backups(region=project.region)


@v1.get("/projects/{ref}/database/backups")
async def list_backups_v1(project: ProjectDep) -> BackupsV1:
    return BackupsV1(region=project.region)
