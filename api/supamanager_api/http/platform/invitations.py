"""Inviting people into an organization, and accepting.

Who accepts is no member yet: what they are told is told to whoever knows the token, and nothing
else of the organization is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import AliasChoices, BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from supamanager_api import errors
from supamanager_api.deps import ContextDep, MembershipDep, PrincipalDep
from supamanager_api.http import authorization, etags, failures
from supamanager_api.http.answers import Nothing
from supamanager_api.http.bodies import Body, Email, Text
from supamanager_api.http.platform.members import Number, Refs, RoleId
from supamanager_api.http.routing import Router
from supamanager_api.organizations import invitations, members
from supamanager_api.organizations.model import InvitationRow
from supamanager_api.permissions import ROLE_IDS

router = Router(tags=["members"])


class InvitationOut(BaseModel):
    id: int
    invited_at: datetime
    expires_at: datetime
    invited_email: str
    role_id: int


class InvitationsOut(BaseModel):
    invitations: list[InvitationOut]


class InvitedOut(InvitationOut):
    """`link` is there when no mail was sent: whoever invites hands it over."""

    link: str | None = None


class OpenedOut(BaseModel):
    organization_name: str
    email_match: bool
    authorized_user: bool = True
    expired_token: bool
    token_does_not_exist: bool
    sso_mismatch: bool = False
    invite_id: int | None = None


class JoinedOut(BaseModel):
    organization_id: int
    organization_slug: str
    organization_name: str


class Invite(Body):
    """The 2024 generation of Studio says `invited_email`."""

    email: Email = Field(validation_alias=AliasChoices("email", "invited_email"))
    role_id: RoleId
    role_scoped_projects: Refs | None = None
    require_sso: bool = False


@router.get(
    "/organizations/{slug}/members/invitations",
    response_model=InvitationsOut,
    responses=etags.UNCHANGED,
)
async def list_invitations(
    slug: str, request: Request, context: ContextDep, membership: MembershipDep
) -> Response:
    rows = await context.invitations.all(membership.organization_id)
    told = InvitationsOut(invitations=[InvitationOut(**_fields(row)) for row in rows])
    return etags.answer(request, told)


@router.post(
    "/organizations/{slug}/members/invitations",
    status_code=201,
    responses=failures.told(errors.Conflict, errors.TooManyRequests),
)
@router.post(
    "/organizations/{slug}/members/invite",
    status_code=201,
    name="invite_member_2024",
    deprecated=True,
    responses=failures.told(errors.Conflict, errors.TooManyRequests),
)
async def invite_member(
    slug: str,
    body: Invite,
    context: ContextDep,
    principal: PrincipalDep,
    membership: MembershipDep,
) -> InvitedOut:
    """An address that was invited before is invited anew, and its earlier link is void."""
    if body.require_sso:
        raise errors.Invalid("require_sso: there is no single sign-on here")
    sent = await context.invitations.invite(
        authorization.actor(context, principal),
        membership.organization_id,
        inviter=principal.account.email,
        email=body.email,
        role=members.role_of(body.role_id),
        refs=body.role_scoped_projects,
    )
    return InvitedOut(**_fields(sent.row), link=None if sent.mailed else sent.link)


@router.delete("/organizations/{slug}/members/invitations/{invitation_id}")
async def revoke_invitation(
    slug: str,
    invitation_id: Number,
    context: ContextDep,
    principal: PrincipalDep,
    membership: MembershipDep,
) -> Nothing:
    await context.invitations.revoke(
        authorization.actor(context, principal), membership.organization_id, invitation_id
    )
    return {}


@router.get("/organizations/{slug}/members/invitations/{token}")
async def open_invitation(
    slug: str, token: Text, context: ContextDep, principal: PrincipalDep
) -> OpenedOut:
    """What the page of the link shows: whether the account may accept."""
    opened = await context.invitations.open(slug, token)
    if opened is None:
        return OpenedOut(
            organization_name="", email_match=False, expired_token=False, token_does_not_exist=True
        )
    return OpenedOut(
        organization_name=opened.organization_name,
        email_match=invitations.matches(opened, principal.account),
        expired_token=opened.expired,
        token_does_not_exist=False,
        invite_id=opened.id,
    )


@router.post("/organizations/{slug}/members/invitations/{token}", status_code=201)
async def accept_invitation(
    slug: str, token: Text, context: ContextDep, principal: PrincipalDep
) -> JoinedOut:
    opened = await context.invitations.accept(principal.account, slug, token)
    return JoinedOut(
        organization_id=opened.organization_id,
        organization_slug=slug,
        organization_name=opened.organization_name,
    )


def _fields(row: InvitationRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "invited_at": row.invited_at,
        "expires_at": row.expires_at,
        "invited_email": row.email,
        "role_id": ROLE_IDS[row.role],
    }
