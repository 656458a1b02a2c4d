"""How full the volume of a project's database is."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic import BaseModel

from supamanager_api import errors
from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.routing import Router
from supamanager_api.projects import disk

router = Router(tags=["projects"])
v1 = Router(tags=["projects"])

_FAILURES: Final = failures.told(errors.Conflict)


class Metrics(BaseModel):
    fs_size_bytes: int
    fs_avail_bytes: int
    fs_used_bytes: int


class DiskUseOut(BaseModel):
    """The size is the volume's, and used is what PostgreSQL takes of it."""

    metrics: Metrics
    timestamp: datetime


@router.get("/projects/{ref}/disk/util", responses=_FAILURES)
async def get_disk_use(project: ProjectDep, context: ContextDep) -> DiskUseOut:
    found = await disk.use(context.kube, context.services, project)
    metrics = Metrics(
        fs_size_bytes=found.size,
        fs_avail_bytes=max(0, found.size - found.used),
        fs_used_bytes=found.used,
    )
    return DiskUseOut(metrics=metrics, timestamp=found.at)


v1.add_api_route(
    "/projects/{ref}/config/disk/util", get_disk_use, responses=_FAILURES, name="get_v1_disk_use"
)
