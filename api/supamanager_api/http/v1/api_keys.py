"""The keys of a project: of its API, and those that sign the tokens of its users.

A key that gives power over all data is masked, unless it is asked for by a role that may read it.
"""

from __future__ import annotations

from typing import Literal

from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from supamanager_api import errors
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, MembershipDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.answers import Instant
from supamanager_api.http.platform import project_keys
from supamanager_api.http.routing import Router
from supamanager_api.organizations.model import MembershipRow
from supamanager_api.projects import apikeys, secretdata
from supamanager_api.projects.apikeys import ApiKey, Kind, SigningKey
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import secrets

router = Router(tags=["keys"])


class Template(TypedDict):
    role: Literal["service_role"]


class KeyOut(TypedDict):
    """What a legacy key, which is a JWT, does not have is null."""

    name: str
    api_key: str
    id: str | None
    type: Kind
    prefix: str | None
    hash: str | None
    description: str | None
    secret_jwt_template: Template | None
    inserted_at: Instant | None
    updated_at: Instant | None


class LegacyOut(TypedDict):
    enabled: bool


class SigningKeyOut(SigningKey):
    created_at: Instant
    updated_at: Instant


class SigningKeys(TypedDict):
    keys: list[SigningKeyOut]


@router.get(
    "/projects/{ref}/api-keys",
    response_model=list[KeyOut],
    responses=failures.told(errors.Conflict),
)
async def list_api_keys(
    project: ProjectDep, context: ContextDep, membership: MembershipDep, reveal: bool = False
) -> JSONResponse:
    """Empty until the project has keys."""
    found, whole = await _keys(context, project, membership, reveal=reveal)
    return JSONResponse([_told(key, whole=whole) for key in found])


@router.get(
    "/projects/{ref}/api-keys/legacy",
    response_model=LegacyOut,
    responses=failures.told(errors.Conflict),
)
async def get_legacy_api_keys(project: ProjectDep, context: ContextDep) -> JSONResponse:
    """Whether the keys that are JWTs work: as soon as there are any."""
    data = await secretdata.read(context.kube, project, secrets.KEYS)
    told: LegacyOut = {"enabled": any(key.type == "legacy" for key in apikeys.listed(data))}
    return JSONResponse(told)


@router.get(
    "/projects/{ref}/api-keys/{key_id}",
    response_model=KeyOut,
    responses=failures.told(errors.Conflict),
)
async def get_api_key(
    project: ProjectDep,
    key_id: str,
    context: ContextDep,
    membership: MembershipDep,
    reveal: bool = False,
) -> JSONResponse:
    found, whole = await _keys(context, project, membership, reveal=reveal)
    for key in found:
        if key.id == key_id:
            return JSONResponse(_told(key, whole=whole))
    raise errors.NotFound("API key not found")


@router.get(
    "/projects/{ref}/config/auth/signing-keys",
    response_model=SigningKeys,
    responses=failures.told(errors.Conflict),
)
async def list_signing_keys(project: ProjectDep, context: ContextDep) -> JSONResponse:
    """Empty until the project has keys."""
    secret = await secretdata.find(context.kube, project, secrets.KEYS)
    if secret is None:
        return JSONResponse({"keys": []})
    made = secret["metadata"]["creationTimestamp"]
    told: SigningKeys = {
        "keys": [
            {**key, "created_at": made, "updated_at": made}
            for key in apikeys.signing_keys(secretdata.decoded(secret), ref=project.project_ref)
        ]
    }
    return JSONResponse(told)


async def _keys(
    context: Context, project: ProjectRow, membership: MembershipRow, *, reveal: bool
) -> tuple[list[ApiKey], bool]:
    """The keys, and whether all of them may be told."""
    data = await secretdata.read(context.kube, project, secrets.KEYS)
    allowed = context.policy.allows(
        membership.roles, project_keys.SERVICE_KEYS, ref=project.project_ref
    )
    return apikeys.listed(data), reveal and allowed


def _told(key: ApiKey, *, whole: bool) -> KeyOut:
    legacy = key.type == "legacy"
    return {
        "name": key.name,
        "api_key": key.value if whole or not key.powerful else key.masked,
        "id": key.id,
        "type": key.type,
        "prefix": None if legacy else key.prefix,
        "hash": None if legacy else key.digest,
        "description": None,
        "secret_jwt_template": {"role": "service_role"} if key.type == "secret" else None,
        "inserted_at": key.created_at,
        "updated_at": key.created_at,
    }
