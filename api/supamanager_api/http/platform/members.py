"""The members of an organization and their roles."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from supamanager_api import errors
from supamanager_api.deps import ContextDep, MembershipDep, PrincipalDep
from supamanager_api.http import authorization, etags, failures, paging
from supamanager_api.http.answers import Nothing
from supamanager_api.http.bodies import Body, Line, Text, one_of
from supamanager_api.http.paging import PageDep
from supamanager_api.http.routing import Router
from supamanager_api.organizations import members
from supamanager_api.permissions import ROLE_IDS

router = Router(tags=["members"])

Number = Annotated[int, Field(ge=1, lt=2**31)]
RoleId = Annotated[Number, one_of(*ROLE_IDS.values())]
Refs = Annotated[list[Text], Field(max_length=1000)]


class MemberOut(BaseModel):
    gotrue_id: UUID
    primary_email: str
    username: str
    role_ids: list[int]
    mfa_enabled: bool
    is_sso_user: bool = False
    metadata: dict[str, Any] = {}


class ProjectMember(BaseModel):
    user_id: UUID
    username: str
    primary_email: str


class ProjectMembersOut(BaseModel):
    members: list[ProjectMember]


class RoleOut(BaseModel):
    """A role that is limited to projects names them; one of the organization names none."""

    id: int
    name: str
    base_role_id: int
    description: str | None = None
    projects: list[dict[str, str]] = []


class RolesOut(BaseModel):
    org_scoped_roles: list[RoleOut]
    project_scoped_roles: list[RoleOut]


class Enforcement(Body):
    enforced: bool


class GiveRole(Body):
    role_id: RoleId
    role_scoped_projects: Refs | None = None


class ChangeRole(Body):
    name: Line | None = None
    description: Text | None = None
    role_scoped_projects: Refs


@router.get(
    "/organizations/{slug}/members",
    response_model=list[MemberOut],
    responses={**etags.UNCHANGED, **paging.LINKED},
)
async def list_members(
    slug: str, request: Request, context: ContextDep, membership: MembershipDep, page: PageDep
) -> Response:
    (after,) = page.after("members", int)
    rows = await context.members.all(membership.organization_id, after=after, limit=page.take)
    told = [
        MemberOut(
            gotrue_id=row.gotrue_id,
            primary_email=row.email,
            username=row.username,
            role_ids=row.role_ids,
            mfa_enabled=row.second_factor,
        )
        for row in page.cut(rows, "members", lambda row: (row.account_id,))
    ]
    return etags.answer(request, told, headers=page.headers)


@router.get("/projects/{ref}/members", response_model=ProjectMembersOut, responses=etags.UNCHANGED)
async def list_project_members(
    ref: str, request: Request, context: ContextDep, membership: MembershipDep
) -> Response:
    """Those whose roles let them see the project."""
    told = ProjectMembersOut(
        members=[
            ProjectMember(user_id=row.gotrue_id, username=row.username, primary_email=row.email)
            for row in await context.members.all(membership.organization_id)
            if context.policy.allows(row.roles, members.SEE, ref=ref)
        ]
    )
    return etags.answer(request, told)


@router.get("/organizations/{slug}/roles", response_model=RolesOut, responses=etags.UNCHANGED)
async def list_roles(
    slug: str, request: Request, context: ContextDep, membership: MembershipDep
) -> Response:
    """The four roles, and those of single members in some of the projects, of which those are named
    that whoever asks may see."""
    told = RolesOut(
        org_scoped_roles=[
            RoleOut(id=number, name=role, base_role_id=number) for role, number in ROLE_IDS.items()
        ],
        project_scoped_roles=[
            RoleOut(
                id=row.id,
                name=row.name or row.role,
                base_role_id=ROLE_IDS[row.role],
                description=row.description,
                projects=[
                    project
                    for project in row.projects
                    if context.policy.allows(membership.roles, members.SEE, ref=project["ref"])
                ],
            )
            for row in await context.members.project_roles(membership.organization_id)
        ],
    )
    return etags.answer(request, told)


@router.get("/organizations/{slug}/members/mfa/enforcement")
async def get_mfa_enforcement(slug: str, membership: MembershipDep) -> Enforcement:
    return Enforcement(enforced=membership.requires_mfa)


@router.patch("/organizations/{slug}/members/mfa/enforcement")
async def set_mfa_enforcement(
    slug: str,
    body: Enforcement,
    context: ContextDep,
    principal: PrincipalDep,
    membership: MembershipDep,
) -> Enforcement:
    """Members without a second factor are let in again once they have one."""
    if body.enforced and not principal.account.second_factor:
        raise errors.Invalid("enforced: set up a second factor first, or you would be locked out")
    await context.organizations.require_mfa(
        authorization.actor(context, principal),
        membership.organization_id,
        required=body.enforced,
    )
    return body


@router.patch("/organizations/{slug}/members/{gotrue_id}", responses=failures.told(errors.Conflict))
async def give_role(
    slug: str,
    gotrue_id: UUID,
    body: GiveRole,
    context: ContextDep,
    principal: PrincipalDep,
    membership: MembershipDep,
) -> Nothing:
    """Make it the member's role in the organization, or in exactly the projects that are named."""
    await context.members.give(
        authorization.actor(context, principal),
        membership.organization_id,
        gotrue_id=gotrue_id,
        role=members.role_of(body.role_id),
        refs=body.role_scoped_projects,
    )
    return {}


@router.put(
    "/organizations/{slug}/members/{gotrue_id}/roles/{role_id}",
    responses=failures.told(errors.Conflict),
)
async def change_role(
    slug: str,
    gotrue_id: UUID,
    role_id: Number,
    body: ChangeRole,
    context: ContextDep,
    principal: PrincipalDep,
    membership: MembershipDep,
) -> Nothing:
    """Limit a member's role to exactly these projects."""
    await context.members.change(
        authorization.actor(context, principal),
        membership.organization_id,
        gotrue_id=gotrue_id,
        role_id=role_id,
        refs=body.role_scoped_projects,
        name=body.name,
        description=body.description,
    )
    return {}


@router.delete(
    "/organizations/{slug}/members/{gotrue_id}/roles/{role_id}",
    responses=failures.told(errors.Conflict),
)
async def take_role(
    slug: str,
    gotrue_id: UUID,
    role_id: Number,
    context: ContextDep,
    principal: PrincipalDep,
    membership: MembershipDep,
) -> Nothing:
    """The member stays one, without this role."""
    await context.members.take(
        authorization.actor(context, principal),
        membership.organization_id,
        gotrue_id=gotrue_id,
        role_id=role_id,
    )
    return {}


@router.delete(
    "/organizations/{slug}/members/{gotrue_id}", responses=failures.told(errors.Conflict)
)
async def remove_member(
    slug: str,
    gotrue_id: UUID,
    context: ContextDep,
    principal: PrincipalDep,
    membership: MembershipDep,
) -> Nothing:
    """Whoever removes themselves leaves."""
    leaves = gotrue_id == principal.account.gotrue_id
    await context.members.remove(
        authorization.actor(context, principal, anywhere=leaves),
        membership.organization_id,
        gotrue_id=gotrue_id,
    )
    return {}
