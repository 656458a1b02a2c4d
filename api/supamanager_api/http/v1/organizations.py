"""Organizations as the command line and other programs name them: by slug, which is their id."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from supamanager_api import errors
from supamanager_api.deps import ContextDep, MembershipDep, PrincipalDep
from supamanager_api.http import etags, failures, paging
from supamanager_api.http.platform import allowances, projects
from supamanager_api.http.platform import project_answers as answers
from supamanager_api.http.platform.organizations import CreateOrganization
from supamanager_api.http.routing import Router
from supamanager_api.organizations.model import MemberRow, MembershipRow

router = Router(tags=["organizations"])


class V1OrganizationOut(BaseModel):
    id: str
    slug: str
    name: str


class V1OrganizationDetailOut(V1OrganizationOut):
    """All have one plan, and projects of released versions only."""

    plan: Literal["free"] = "free"
    opt_in_tags: list[str]
    allowed_release_channels: list[Literal["ga"]] = ["ga"]


class V1MemberOut(BaseModel):
    """`role_name` is the role in the whole organization, else the first of those in projects; it is
    empty for a member without any."""

    user_id: UUID
    user_name: str
    email: str
    role_name: str
    mfa_enabled: bool


@router.get("/organizations", response_model=list[V1OrganizationOut], responses=etags.UNCHANGED)
async def list_v1_organizations(
    request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    rows = await context.organizations.memberships(principal.account.id)
    return etags.answer(request, [_told(row) for row in rows])


@router.post("/organizations", status_code=201, responses=failures.told(errors.Conflict))
async def create_v1_organization(
    body: CreateOrganization, context: ContextDep, principal: PrincipalDep
) -> V1OrganizationOut:
    """The account that makes it owns it."""
    return _told(await context.organizations.create(principal.account.id, body.name))


@router.get("/organizations/{slug}")
async def get_v1_organization(slug: str, membership: MembershipDep) -> V1OrganizationDetailOut:
    return V1OrganizationDetailOut(
        **_told(membership).model_dump(), opt_in_tags=membership.opt_in_tags
    )


@router.get(
    "/organizations/{slug}/members",
    response_model=list[V1MemberOut],
    responses=etags.UNCHANGED,
)
async def list_v1_members(
    slug: str, request: Request, context: ContextDep, membership: MembershipDep
) -> Response:
    told = [
        V1MemberOut(
            user_id=row.gotrue_id,
            user_name=row.username,
            email=row.email,
            role_name=_role(row),
            mfa_enabled=row.second_factor,
        )
        for row in await context.members.all(membership.organization_id)
    ]
    return etags.answer(request, told)


router.add_api_route(
    "/organizations/{slug}/projects",
    projects.list_organization_projects,
    name="list_v1_organization_projects",
    response_model=answers.Members,
    responses={**etags.UNCHANGED, **paging.LINKED},
)
router.add_api_route(
    "/organizations/{slug}/entitlements",
    allowances.list_entitlements,
    name="list_v1_entitlements",
)


def _told(row: MembershipRow) -> V1OrganizationOut:
    return V1OrganizationOut(id=row.slug, slug=row.slug, name=row.name)


def _role(row: MemberRow) -> str:
    return next((each.role.value for each in row.roles), "")
