"""Folders of content: each is one account's own."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from supamanager_api.content.model import Given, Wanted
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, PrincipalDep, ProjectDep
from supamanager_api.http import authorization, etags
from supamanager_api.http.authorization import Principal
from supamanager_api.http.platform import content_shapes as shapes
from supamanager_api.http.platform.content_bodies import (
    CreateFolder,
    InFolder,
    Named,
    UpdateFolder,
)
from supamanager_api.http.routing import Router

router = Router(tags=["content"])


@router.get(
    "/projects/{ref}/content/folders",
    response_model=shapes.FolderContent,
    responses=etags.UNCHANGED,
)
async def list_content_folders(
    request: Request,
    project: ProjectDep,
    context: ContextDep,
    principal: PrincipalDep,
    asked: Annotated[InFolder, Query()],
) -> Response:
    """The account's folders, and its private items that are in none."""
    wanted = asked.wanted(visibility="user")
    return await _folder(request, context, principal, project.id, wanted, folder=None)


@router.get(
    "/projects/{ref}/content/folders/{folder_id}",
    response_model=shapes.FolderContent,
    responses=etags.UNCHANGED,
)
async def get_content_folder(
    request: Request,
    project: ProjectDep,
    folder_id: UUID,
    context: ContextDep,
    principal: PrincipalDep,
    asked: Annotated[InFolder, Query()],
) -> Response:
    """What is in one of the account's folders."""
    wanted = asked.wanted(visibility=None)
    return await _folder(request, context, principal, project.id, wanted, folder=folder_id)


@router.post("/projects/{ref}/content/folders", response_model=shapes.Folder, status_code=201)
async def create_content_folder(
    project: ProjectDep, body: CreateFolder, context: ContextDep, principal: PrincipalDep
) -> JSONResponse:
    _allow_folder(context, principal)
    row = await context.folders.create(
        project.id,
        principal.account.id,
        name=body.name,
        parent=body.parent_id,
    )
    return JSONResponse(shapes.folder(row), 201)


@router.patch("/projects/{ref}/content/folders/{folder_id}", response_model=shapes.Folder)
async def update_content_folder(
    project: ProjectDep,
    folder_id: UUID,
    body: UpdateFolder,
    context: ContextDep,
    principal: PrincipalDep,
) -> JSONResponse:
    _allow_folder(context, principal)
    row = await context.folders.change(
        project.id,
        principal.account.id,
        folder_id,
        name=body.name,
        parent=Given(body.parent_id) if "parent_id" in body.model_fields_set else None,
    )
    return JSONResponse(shapes.folder(row))


@router.delete("/projects/{ref}/content/folders", response_model=list[shapes.Removed])
async def delete_content_folders(
    project: ProjectDep,
    named: Annotated[Named, Query()],
    context: ContextDep,
    principal: PrincipalDep,
) -> JSONResponse:
    """Remove folders, whose ids are separated by commas, with all that is in them."""
    _allow_folder(context, principal)
    folders = named.items
    await context.folders.delete(project.id, principal.account.id, folders)
    return JSONResponse([{"id": str(folder)} for folder in folders])


def _allow_folder(context: Context, principal: Principal) -> None:
    """A folder is always the account's own."""
    authorization.decide(context, principal, resource={"owner_id": principal.account.id})


async def _folder(
    request: Request,
    context: Context,
    principal: Principal,
    project: int,
    wanted: Wanted,
    *,
    folder: UUID | None,
) -> Response:
    viewer = principal.account.id
    folders = await context.folders.list(project, viewer, parent=folder, name=wanted.name)
    if folder is None:
        found = await context.contents.root(project, viewer, wanted)
    else:
        found = await context.contents.page(project, viewer, wanted, folder=folder)
    data: shapes.InFolder = {
        "folders": [] if wanted.cursor else [shapes.folder(row) for row in folders],
        "contents": [shapes.item(row) for row in found.rows],
    }
    return etags.answer(request, shapes.page(data, found.cursor))
