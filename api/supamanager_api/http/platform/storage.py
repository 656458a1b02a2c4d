"""Buckets and objects of a project's storage service."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Query
from pydantic import AliasChoices, Field
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.bodies import Body, Text
from supamanager_api.http.platform.services import reach
from supamanager_api.http.relay import passed
from supamanager_api.http.routing import Router
from supamanager_api.projects import gateway, upstream
from supamanager_api.projects.endpoints import Endpoint
from supamanager_api.projects.model import ProjectRow

router = Router(tags=["storage"])

Limit = Annotated[int, Field(ge=1, le=1000)]
Offset = Annotated[int, Field(ge=0, lt=2**31)]
Paths = Annotated[list[Text], Field(min_length=1, max_length=1000)]
Seconds = Annotated[int, Field(ge=1, lt=2**31)]

_BUCKETS = (*gateway.STORAGE, "bucket")
_OBJECTS = (*gateway.STORAGE, "object")


class BucketSettings(Body):
    public: bool | None = None
    file_size_limit: int | Text | None = None
    allowed_mime_types: list[Text] | None = None


class NewBucket(BucketSettings):
    id: Text
    type: Text | None = None


class SortBy(Body):
    column: Text | None = None
    order: Text | None = None


class ListOptions(Body):
    limit: Limit = 100
    offset: Offset = 0
    search: Text = ""
    sort_by: SortBy | None = Field(None, alias="sortBy")


class ObjectList(Body):
    path: Text = ""
    options: ListOptions = ListOptions()


class Move(Body):
    source: Text = Field(alias="from")
    target: Text = Field(alias="to")


class Transform(Body):
    width: int | None = None
    height: int | None = None
    resize: Text | None = None
    format: Text | None = None
    quality: int | None = None


class UrlOptions(Body):
    download: bool | Text = False
    transform: Transform | None = None


class PublicUrl(Body):
    path: Text
    options: UrlOptions = UrlOptions()


class Sign(Body):
    path: Text
    seconds: Seconds = Field(alias="expiresIn")
    options: UrlOptions = UrlOptions()


class SignMany(Body):
    paths: Paths = Field(validation_alias=AliasChoices("path", "paths"))
    seconds: Seconds = Field(alias="expiresIn")


class Deletion(Body):
    paths: Paths


class Public(TypedDict):
    publicUrl: str


class Signed(TypedDict):
    signedUrl: str | None


class SignedPath(Signed):
    error: str | None
    path: str | None


@router.get("/storage/{ref}/buckets", responses=failures.RELAYED)
async def list_buckets(
    project: ProjectDep,
    context: ContextDep,
    limit: Annotated[int | None, Query(ge=1)] = None,
    offset: Annotated[int | None, Query(ge=0)] = None,
    search: str | None = None,
    column: Annotated[str | None, Query(alias="sortColumn")] = None,
    order: Annotated[Literal["asc", "desc"] | None, Query(alias="sortOrder")] = None,
) -> Response:
    query = {
        "limit": limit,
        "offset": offset,
        "search": search or None,
        "sortColumn": column,
        "sortOrder": order,
    }
    return await reach(context, project, "GET", *_BUCKETS, query=query)


@router.post("/storage/{ref}/buckets", responses=failures.RELAYED)
async def create_bucket(project: ProjectDep, body: NewBucket, context: ContextDep) -> Response:
    sent = {**body.model_dump(exclude_none=True), "name": body.id}
    return await reach(
        context, project, "POST", *_BUCKETS, body=sent, change=f"create bucket {body.id}"
    )


@router.get("/storage/{ref}/buckets/{bucket}", responses=failures.RELAYED)
async def get_bucket(project: ProjectDep, bucket: str, context: ContextDep) -> Response:
    return await reach(context, project, "GET", *_BUCKETS, bucket)


@router.patch("/storage/{ref}/buckets/{bucket}", responses=failures.RELAYED)
async def update_bucket(
    project: ProjectDep, bucket: str, body: BucketSettings, context: ContextDep
) -> Response:
    sent = body.model_dump(exclude_unset=True)
    return await reach(
        context, project, "PUT", *_BUCKETS, bucket, body=sent, change=f"change bucket {bucket}"
    )


@router.delete("/storage/{ref}/buckets/{bucket}", responses=failures.RELAYED)
async def delete_bucket(project: ProjectDep, bucket: str, context: ContextDep) -> Response:
    return await reach(
        context, project, "DELETE", *_BUCKETS, bucket, change=f"delete bucket {bucket}"
    )


@router.post("/storage/{ref}/buckets/{bucket}/empty", responses=failures.RELAYED)
async def empty_bucket(project: ProjectDep, bucket: str, context: ContextDep) -> Response:
    return await reach(
        context,
        project,
        "POST",
        *_BUCKETS,
        bucket,
        "empty",
        body={},
        change=f"empty bucket {bucket}",
    )


@router.post("/storage/{ref}/buckets/{bucket}/objects/list", responses=failures.RELAYED)
async def list_objects(
    project: ProjectDep, bucket: str, body: ObjectList, context: ContextDep
) -> Response:
    options = body.options.model_dump(by_alias=True, exclude_none=True)
    sent = {"prefix": body.path, **options}
    return await reach(context, project, "POST", *_OBJECTS, "list", bucket, body=sent)


@router.post("/storage/{ref}/buckets/{bucket}/objects/move", responses=failures.RELAYED)
async def move_object(
    project: ProjectDep, bucket: str, body: Move, context: ContextDep
) -> Response:
    sent = {"bucketId": bucket, "sourceKey": body.source, "destinationKey": body.target}
    return await reach(
        context,
        project,
        "POST",
        *_OBJECTS,
        "move",
        body=sent,
        change=f"move {body.source} to {body.target} in bucket {bucket}",
    )


@router.delete("/storage/{ref}/buckets/{bucket}/objects", responses=failures.RELAYED)
async def delete_objects(
    project: ProjectDep, bucket: str, body: Deletion, context: ContextDep
) -> Response:
    return await reach(
        context,
        project,
        "DELETE",
        *_OBJECTS,
        bucket,
        body={"prefixes": body.paths},
        change=f"delete {len(body.paths)} objects of bucket {bucket}: {', '.join(body.paths)}",
    )


@router.post("/storage/{ref}/buckets/{bucket}/objects/public-url", response_model=Public)
async def get_public_url(project: ProjectDep, bucket: str, body: PublicUrl) -> JSONResponse:
    """Where anybody reads the object, if its bucket is public."""
    transform = body.options.transform
    query = transform.model_dump(exclude_none=True) if transform else {}
    place = ("render", "image") if query else ("object",)
    path = upstream.path(*gateway.STORAGE, *place, "public", bucket, *_parts(body.path))
    if body.options.download is not False:
        query["download"] = "" if body.options.download is True else body.options.download
    told: Public = {"publicUrl": _public(project, path, query)}
    return JSONResponse(told)


@router.post(
    "/storage/{ref}/buckets/{bucket}/objects/sign",
    response_model=Signed,
    responses=failures.REFUSED,
)
async def sign_object(
    project: ProjectDep, bucket: str, body: Sign, context: ContextDep
) -> Response:
    """A URL by which anybody reads the object for a time."""
    sent: dict[str, Any] = {"expiresIn": body.seconds}
    if body.options.transform:
        sent["transform"] = body.options.transform.model_dump(exclude_none=True)
    reached = await gateway.of(context.kube, project)
    call = reached.call("POST", *_OBJECTS, "sign", bucket, *_parts(body.path), body=sent)
    reply = await context.services.ask(project, call)
    if not reply.succeeded:
        return passed(reply)
    told: Signed = {"signedUrl": _signed(project, reply.json().get("signedURL"))}
    return JSONResponse(told)


@router.post(
    "/storage/{ref}/buckets/{bucket}/objects/sign-multi",
    response_model=list[SignedPath],
    responses=failures.REFUSED,
)
async def sign_objects(
    project: ProjectDep, bucket: str, body: SignMany, context: ContextDep
) -> Response:
    """As `sign_object` for each; one that is not there has an `error` and no URL."""
    sent = {"expiresIn": body.seconds, "paths": body.paths}
    reached = await gateway.of(context.kube, project)
    call = reached.call("POST", *_OBJECTS, "sign", bucket, body=sent)
    reply = await context.services.ask(project, call)
    if not reply.succeeded:
        return passed(reply)
    told: list[SignedPath] = [
        {
            "error": each.get("error"),
            "path": each.get("path"),
            "signedUrl": _signed(project, each.get("signedURL")),
        }
        for each in reply.json()
    ]
    return JSONResponse(told)


def _parts(path: str) -> list[str]:
    return path.strip("/").split("/")


def _signed(row: ProjectRow, path: str | None) -> str | None:
    """The service answers a path below its own root."""
    return None if path is None else Endpoint.of(row).url + upstream.path(*gateway.STORAGE) + path


def _public(row: ProjectRow, path: str, query: dict[str, Any]) -> str:
    return Endpoint.of(row).url + path + (f"?{urlencode(query)}" if query else "")
