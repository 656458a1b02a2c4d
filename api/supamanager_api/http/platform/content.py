"""Content of a project in the dashboard: SQL snippets, reports and log queries.

What is private is shown to nobody but its owner; ids are chosen by the browser.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints
from starlette.responses import JSONResponse

from supamanager_api import errors
from supamanager_api.content.model import Change, Given, Sort, Type, Visibility, Wanted
from supamanager_api.content.service import Allow
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, PrincipalDep
from supamanager_api.http import authorization
from supamanager_api.http.authorization import Principal
from supamanager_api.http.bodies import Body, Text
from supamanager_api.http.platform import content_shapes as shapes
from supamanager_api.permissions import Permission

router = APIRouter(tags=["content"])

LIMIT: Final = 1000


def _storable(value: Any) -> Any:
    """PostgreSQL cannot hold the character NUL, not even escaped in JSON."""
    if "\\u0000" in str([value]).replace("\x00", "\\u0000"):
        raise ValueError("must not contain the character NUL")
    return value


Empty = BeforeValidator(lambda given: given or None)
"""Studio sends filters that it does not use as empty texts."""
Name = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]
Json = Annotated[dict[str, Any], AfterValidator(_storable)]


class Page(BaseModel):
    """Newest first by default; the cursor of a page asks for the one that follows."""

    cursor: Annotated[Text | None, Empty] = None
    limit: int = Field(LIMIT, ge=1, le=LIMIT)
    sort_by: Literal["name", "inserted_at", ""] = ""
    sort_order: Literal["asc", "desc", ""] = ""

    @property
    def sort(self) -> Sort:
        sorts: dict[tuple[bool, bool], Sort] = {
            (True, True): "name_asc",
            (True, False): "name_desc",
            (False, True): "inserted_at_asc",
            (False, False): "inserted_at_desc",
        }
        return sorts[self.sort_by == "name", self.sort_order == "asc"]


class InFolder(Page):
    type: Annotated[Type | None, Empty] = None
    name: Annotated[Text | None, Empty] = None

    def wanted(self, *, visibility: Visibility | None) -> Wanted:
        return Wanted(
            type=self.type,
            visibility=visibility,
            name=self.name,
            sort=self.sort,
            limit=self.limit,
            cursor=self.cursor,
            full=False,
        )


class Anywhere(InFolder):
    visibility: Annotated[Visibility | None, Empty] = None
    favorite: Annotated[bool | None, Empty] = None


class Counted(BaseModel):
    type: Annotated[Type | None, Empty] = None
    name: Annotated[Text | None, Empty] = None


class Named(BaseModel):
    """What to remove: ids, separated by commas."""

    ids: Text

    @property
    def items(self) -> list[UUID]:
        try:
            ids = [UUID(part.strip()) for part in self.ids.split(",") if part.strip()]
        except ValueError:
            raise errors.Invalid("ids: are UUIDs, separated by commas") from None
        if not ids:
            raise errors.Invalid("ids: none is given")
        return list(dict.fromkeys(ids))


class One(BaseModel):
    id: UUID | None = None


class ContentBody(Body):
    """What is not in it stays as it is; the owner and the project never change."""

    name: Name | None = None
    type: Type | None = None
    visibility: Visibility | None = None
    description: Text | None = None
    content: Json | None = None
    favorite: bool | None = None
    folder_id: UUID | None = None

    def change(self) -> Change:
        given = self.model_fields_set
        return Change(
            name=self.name,
            type=self.type,
            visibility=self.visibility,
            content=self.content,
            favorite=self.favorite,
            description=Given(self.description) if "description" in given else None,
            folder=Given(self.folder_id) if "folder_id" in given else None,
        )


class UpsertContent(ContentBody):
    id: UUID


class UpdateContent(ContentBody):
    id: UUID | None = None


class CreateFolder(Body):
    name: Name
    parent_id: UUID | None = None


class UpdateFolder(Body):
    name: Name | None = None
    parent_id: UUID | None = None


@router.get("/projects/{ref}/content", response_model=shapes.Items)
async def list_content(
    ref: str,
    context: ContextDep,
    principal: PrincipalDep,
    asked: Annotated[Anywhere, Query()],
) -> JSONResponse:
    """The account's own items and those shared in the project, newest first by default."""
    wanted = replace(asked.wanted(visibility=asked.visibility), favorite=asked.favorite, full=True)
    project_id = await _project(context, ref)
    found = await context.contents.page(project_id, principal.account.id, wanted)
    return JSONResponse(shapes.page([shapes.item(row) for row in found.rows], found.cursor))


@router.get("/projects/{ref}/content/count", response_model=shapes.Counts)
async def count_content(
    ref: str,
    context: ContextDep,
    principal: PrincipalDep,
    asked: Annotated[Counted, Query()],
) -> JSONResponse:
    counts = await context.contents.count(
        await _project(context, ref), principal.account.id, type_=asked.type, name=asked.name
    )
    told: shapes.Counts = {
        "favorites": counts.favorites,
        "private": counts.private,
        "shared": counts.shared,
    }
    return JSONResponse(told)


@router.put("/projects/{ref}/content", response_model=shapes.Item)
async def save_content(
    ref: str, body: UpsertContent, context: ContextDep, principal: PrincipalDep
) -> JSONResponse:
    """Make an item with the id that the browser chose, or change the one that has it."""
    row = await context.contents.save(
        await _project(context, ref),
        principal.account.id,
        body.id,
        body.change(),
        allow=allowing(context, principal),
        create=True,
    )
    return JSONResponse(shapes.item(row))


@router.patch("/projects/{ref}/content", response_model=shapes.Item, deprecated=True)
async def update_content(
    ref: str,
    body: UpdateContent,
    context: ContextDep,
    principal: PrincipalDep,
    asked: Annotated[One, Query()],
) -> JSONResponse:
    """Change an item, which the query or the body names: as the 2024 generation does."""
    item = asked.id or body.id
    if item is None:
        raise errors.Invalid("id: is missing")
    row = await context.contents.save(
        await _project(context, ref),
        principal.account.id,
        item,
        body.change(),
        allow=allowing(context, principal),
        create=False,
    )
    return JSONResponse(shapes.item(row))


@router.delete("/projects/{ref}/content", response_model=list[shapes.Removed])
async def delete_content(
    ref: str, named: Annotated[Named, Query()], context: ContextDep, principal: PrincipalDep
) -> JSONResponse:
    """Remove items, whose ids are separated by commas: all, or none."""
    items = named.items
    await context.contents.delete(
        await _project(context, ref),
        principal.account.id,
        items,
        allow=allowing(context, principal),
    )
    return JSONResponse([{"id": str(item)} for item in items])


@router.get("/projects/{ref}/content/item/{content_id}", response_model=shapes.Item)
async def get_content(
    ref: str, content_id: UUID, context: ContextDep, principal: PrincipalDep
) -> JSONResponse:
    row = await context.contents.get(await _project(context, ref), principal.account.id, content_id)
    return JSONResponse(shapes.item(row))


@router.get("/projects/{ref}/content/folders", response_model=shapes.FolderContent)
async def list_content_folders(
    ref: str,
    context: ContextDep,
    principal: PrincipalDep,
    asked: Annotated[InFolder, Query()],
) -> JSONResponse:
    """The account's folders, and its private items that are in none."""
    wanted = asked.wanted(visibility="user")
    return await _folder(context, principal, ref, wanted, folder=None)


@router.get("/projects/{ref}/content/folders/{folder_id}", response_model=shapes.FolderContent)
async def get_content_folder(
    ref: str,
    folder_id: UUID,
    context: ContextDep,
    principal: PrincipalDep,
    asked: Annotated[InFolder, Query()],
) -> JSONResponse:
    """What is in one of the account's folders."""
    wanted = asked.wanted(visibility=None)
    return await _folder(context, principal, ref, wanted, folder=folder_id)


@router.post("/projects/{ref}/content/folders", response_model=shapes.Folder, status_code=201)
async def create_content_folder(
    ref: str, body: CreateFolder, context: ContextDep, principal: PrincipalDep
) -> JSONResponse:
    _allow_folder(context, principal)
    row = await context.folders.create(
        await _project(context, ref), principal.account.id, name=body.name, parent=body.parent_id
    )
    return JSONResponse(shapes.folder(row), 201)


@router.patch("/projects/{ref}/content/folders/{folder_id}", response_model=shapes.Folder)
async def update_content_folder(
    ref: str, folder_id: UUID, body: UpdateFolder, context: ContextDep, principal: PrincipalDep
) -> JSONResponse:
    _allow_folder(context, principal)
    row = await context.folders.change(
        await _project(context, ref),
        principal.account.id,
        folder_id,
        name=body.name,
        parent=Given(body.parent_id) if "parent_id" in body.model_fields_set else None,
    )
    return JSONResponse(shapes.folder(row))


@router.delete("/projects/{ref}/content/folders", response_model=list[shapes.Removed])
async def delete_content_folders(
    ref: str, named: Annotated[Named, Query()], context: ContextDep, principal: PrincipalDep
) -> JSONResponse:
    """Remove folders, whose ids are separated by commas, with all that is in them."""
    _allow_folder(context, principal)
    folders = named.items
    await context.folders.delete(await _project(context, ref), principal.account.id, folders)
    return JSONResponse([{"id": str(folder)} for folder in folders])


def allowing(context: Context, principal: Principal) -> Allow:
    """Asks the table of roles about one item."""

    def allow(action: str, item: Any) -> None:
        authorization.decide(
            context,
            principal,
            permission=Permission(action, "user_content"),
            resource={
                "id": str(item.id),
                "owner_id": item.owner_id,
                "type": item.type,
                "visibility": item.visibility,
            },
        )

    return allow


def _allow_folder(context: Context, principal: Principal) -> None:
    """A folder is always the account's own."""
    authorization.decide(context, principal, resource={"owner_id": principal.account.id})


async def _folder(
    context: Context, principal: Principal, ref: str, wanted: Wanted, *, folder: UUID | None
) -> JSONResponse:
    project_id, viewer = await _project(context, ref), principal.account.id
    folders = await context.folders.list(project_id, viewer, parent=folder, name=wanted.name)
    if folder is None:
        found = await context.contents.root(project_id, viewer, wanted)
    else:
        found = await context.contents.page(project_id, viewer, wanted, folder=folder)
    data: shapes.InFolder = {
        "folders": [] if wanted.cursor else [shapes.folder(row) for row in folders],
        "contents": [shapes.item(row, full=False) for row in found.rows],
    }
    return JSONResponse(shapes.page(data, found.cursor))


async def _project(context: Context, ref: str) -> int:
    return (await context.projects.get(ref)).id
