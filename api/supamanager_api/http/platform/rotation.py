"""Whether the project's JWT secret is being exchanged, which the operator reports."""

from __future__ import annotations

from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http.routing import Router
from supamanager_api.projects.model import ConditionRow, ProjectRow
from supamanager_kube.conditions import Reason, Type

router = Router(tags=["keys"])


class Rotation(TypedDict):
    change_tracking_id: str
    status: int
    progress: int


class RotationOut(TypedDict):
    update_status: Rotation | None


class OldRotation(TypedDict):
    meta: Rotation | None


class OldRotationOut(TypedDict):
    jwtSecretUpdateStatus: OldRotation


@router.get("/projects/{ref}/config/secrets/update-status", response_model=RotationOut)
async def get_rotation(project: ProjectDep, context: ContextDep) -> JSONResponse:
    """Null while none is going on."""
    told: RotationOut = {"update_status": await _going_on(context, project)}
    return JSONResponse(told)


@router.get(
    "/projects/{ref}/jwt-secret-update-status", response_model=OldRotationOut, deprecated=True
)
@router.get(
    "/project/{ref}/jwt-secret-update-status",
    name="get_rotation_2024",
    response_model=OldRotationOut,
    deprecated=True,
)
@router.get(
    "/props/project/{ref}/jwt-secret-update-status",
    name="get_rotation_props",
    response_model=OldRotationOut,
    deprecated=True,
)
async def get_rotation_plural(project: ProjectDep, context: ContextDep) -> JSONResponse:
    """The same for the older generation."""
    told: OldRotationOut = {"jwtSecretUpdateStatus": {"meta": await _going_on(context, project)}}
    return JSONResponse(told)


async def _going_on(context: Context, project: ProjectRow) -> Rotation | None:
    conditions = await context.projects.conditions(project)
    if not any(map(_rotates, conditions)):
        return None
    # 0 of 2: going on; 0 of 5: begun. Studio knows the hosted service's steps, not the operator's.
    return {"change_tracking_id": str(project.generation), "status": 0, "progress": 0}


def _rotates(condition: ConditionRow) -> bool:
    return (condition.type, condition.status, condition.reason) == (
        Type.RECONCILING,
        "True",
        Reason.ROTATING,
    )
