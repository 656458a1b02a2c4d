"""The person's profile and what they may do.

A profile begins with a POST: Studio makes it at the first sign-in, when it is told by a 404, in
exactly these words, that there is none. Permissions and the login audit do not need it.
"""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from supamanager_api import errors
from supamanager_api.accounts import emails
from supamanager_api.accounts.model import AccountRow
from supamanager_api.deps import ClientDep, ContextDep, PrincipalDep
from supamanager_api.http import authorization, etags, failures
from supamanager_api.http.answers import Nothing, Numbered
from supamanager_api.http.bodies import Body, Line, Name, Text
from supamanager_api.http.platform import features
from supamanager_api.http.routing import Router

router = Router(tags=["profile"])

MISSING: Final = "User's profile not found"


class ProfileOut(BaseModel):
    id: int
    gotrue_id: UUID
    auth0_id: str
    primary_email: str
    username: str
    first_name: str | None
    last_name: str | None
    mobile: str | None
    is_alpha_user: bool
    is_sso_user: bool
    free_project_limit: int | None
    disabled_features: list[str]


class UpdateProfile(Body):
    """What is not given stays as it is."""

    username: Annotated[Name, StringConstraints(max_length=255)] | None = None
    first_name: Line | None = None
    last_name: Line | None = None
    primary_email: Text | None = None


class PermissionOut(BaseModel):
    """Each generation of Studio finds its organization and projects by other fields."""

    organization_id: int
    organization_slug: str
    actions: list[str]
    resources: list[str]
    condition: dict[str, Any] | None
    restrictive: bool
    project_ids: list[int]
    project_refs: list[str]


@router.get("/profile", responses=failures.told(errors.NotFound))
async def get_profile(principal: PrincipalDep) -> ProfileOut:
    """404 until the profile was made."""
    if principal.account.profile_created_at is None:
        raise errors.NotFound(MISSING)
    return _profile(principal.account)


@router.post("/profile", status_code=201, responses=failures.told(errors.Conflict))
async def create_profile(context: ContextDep, principal: PrincipalDep) -> ProfileOut:
    """409 when there is one."""
    return _profile(await context.accounts.create_profile(principal.account))


@router.patch("/profile")
async def update_profile(
    body: UpdateProfile, context: ContextDep, principal: PrincipalDep
) -> ProfileOut:
    """Names; the address changes by `update-email`, since it has to be confirmed."""
    account = principal.account
    if body.primary_email is not None and emails.normalize(body.primary_email) != account.email:
        raise errors.Invalid("The e-mail address is changed by PUT /platform/update-email")
    changed = await context.accounts.rename(
        account, username=body.username, first_name=body.first_name, last_name=body.last_name
    )
    return _profile(changed)


@router.delete("/profile", responses=failures.told(errors.Conflict))
async def delete_account(context: ContextDep, principal: PrincipalDep) -> Numbered:
    """Delete the account; 409 while it is the only owner of an organization."""
    await context.accounts.delete(principal.identity)
    return {"id": principal.account.id}


@router.get("/profile/permissions", response_model=list[PermissionOut], responses=etags.UNCHANGED)
async def list_permissions(
    request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    """The grants of the account's roles in each of its organizations."""
    told = [
        PermissionOut(
            organization_id=membership.organization_id,
            organization_slug=membership.slug,
            actions=list(grant.actions),
            resources=list(grant.resources),
            condition=None if grant.condition is None else dict(grant.condition),
            restrictive=grant.restrictive,
            project_ids=sorted(ids[ref] for ref in refs or ()),
            project_refs=sorted(refs or ()),
        )
        for membership in await context.organizations.memberships(principal.account.id)
        if not authorization.locked_out(principal.account, membership)
        for ids in [membership.project_ids]
        for grant, refs in context.policy.entries(membership.roles)
    ]
    return etags.answer(request, told)


@router.post("/profile/audit-login", status_code=201)
async def record_login(context: ContextDep, principal: PrincipalDep, client: ClientDep) -> Nothing:
    """Keep when and from where the account was signed in to."""
    await context.accounts.record_login(principal.identity, client=client)
    return {}


def _profile(account: AccountRow) -> ProfileOut:
    return ProfileOut(
        id=account.id,
        gotrue_id=account.gotrue_id,
        auth0_id="",
        primary_email=account.email,
        username=account.username,
        first_name=account.first_name,
        last_name=account.last_name,
        mobile=None,
        is_alpha_user=False,
        is_sso_user=False,
        free_project_limit=None,
        disabled_features=list(features.DISABLED),
    )
