"""Organizations."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from supamanager_api import errors
from supamanager_api.accounts import emails
from supamanager_api.deps import ContextDep, MembershipDep, PrincipalDep
from supamanager_api.http import authorization, etags, failures, paging
from supamanager_api.http.answers import Nothing
from supamanager_api.http.authorization import Principal
from supamanager_api.http.bodies import Body, Name, Text
from supamanager_api.http.paging import PageDep
from supamanager_api.http.routing import Router
from supamanager_api.organizations.model import MembershipRow
from supamanager_api.permissions import Role

router = Router(tags=["organizations"])

Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class CreateOrganization(Body):
    """Studio sends a kind, a size and a tier too; there is one plan."""

    name: Name


class UpdateOrganization(Body):
    """What is missing stays as it is."""

    name: Name | None = None
    billing_email: Text | None = None
    opt_in_tags: Annotated[list[Tag], Field(max_length=32)] | None = None
    additional_billing_emails: list[Text] | None = None


class Plan(BaseModel):
    id: Literal["free"] = "free"
    name: Literal["Free"] = "Free"


class OrganizationOut(BaseModel):
    """Nobody is billed: the fields about it are empty."""

    id: int
    slug: str
    name: str
    plan: Plan = Plan()
    is_owner: bool
    billing_email: str | None
    billing_partner: str | None = None
    opt_in_tags: list[str]
    restriction_status: str | None = None
    restriction_data: dict[str, Any] | None = None
    stripe_customer_id: str | None = None
    subscription_id: str | None = None
    usage_billing_enabled: bool = False
    organization_requires_mfa: bool
    organization_missing_address: bool = False
    organization_missing_tax_id: bool = False
    integration_source: str | None = None
    requires_indirect_tax_declaration: bool = False


class OrganizationDetailOut(OrganizationOut):
    has_oriole_project: bool = False


class UpdatedOut(BaseModel):
    id: int
    slug: str
    name: str
    billing_email: str | None
    opt_in_tags: list[str]
    stripe_customer_id: str | None = None


@router.post("/organizations", status_code=201, responses=failures.told(errors.Conflict))
async def create_organization(
    body: CreateOrganization, context: ContextDep, principal: PrincipalDep
) -> OrganizationOut:
    """The account that makes it owns it."""
    made = await context.organizations.create(principal.account.id, body.name)
    return OrganizationOut(**_fields(made, principal))


@router.get(
    "/organizations",
    response_model=list[OrganizationOut],
    responses={**etags.UNCHANGED, **paging.LINKED},
)
async def list_organizations(
    request: Request, context: ContextDep, principal: PrincipalDep, page: PageDep
) -> Response:
    """The account's organizations, oldest first."""
    (after,) = page.after("organizations", int)
    rows = await context.organizations.memberships(
        principal.account.id, after=after, limit=page.take
    )
    memberships = page.cut(rows, "organizations", lambda row: (row.organization_id,))
    items = [OrganizationOut(**_fields(membership, principal)) for membership in memberships]
    told = [item.model_dump(mode="json") for item in items]
    return etags.answer(request, told, headers=page.headers)


@router.get("/organizations/{slug}")
async def get_organization(
    slug: str, principal: PrincipalDep, membership: MembershipDep
) -> OrganizationDetailOut:
    return OrganizationDetailOut(**_fields(membership, principal))


@router.patch("/organizations/{slug}")
async def update_organization(
    slug: str,
    body: UpdateOrganization,
    context: ContextDep,
    principal: PrincipalDep,
    membership: MembershipDep,
) -> UpdatedOut:
    """The slug never changes."""
    if body.additional_billing_emails:
        raise errors.Invalid("additional_billing_emails: nobody is billed, so there is one address")
    changed = await context.organizations.update(
        authorization.actor(context, principal),
        membership.organization_id,
        name=body.name,
        billing_email=body.billing_email and emails.normalize(body.billing_email),
        opt_in_tags=body.opt_in_tags,
    )
    return UpdatedOut(
        id=changed.organization_id,
        slug=changed.slug,
        name=changed.name,
        billing_email=changed.billing_email,
        opt_in_tags=changed.opt_in_tags,
    )


@router.delete("/organizations/{slug}", responses=failures.told(errors.Conflict))
async def delete_organization(
    slug: str, context: ContextDep, principal: PrincipalDep, membership: MembershipDep
) -> Nothing:
    """409 while it has projects."""
    await context.organizations.delete(
        authorization.actor(context, principal), membership.organization_id
    )
    return {}


def _fields(membership: MembershipRow, principal: Principal) -> dict[str, Any]:
    return {
        "id": membership.organization_id,
        "slug": membership.slug,
        "name": membership.name,
        "is_owner": membership.role is Role.OWNER,
        "billing_email": membership.billing_email,
        "opt_in_tags": membership.opt_in_tags,
        # Studio sends whoever reads true back to this organization's page, until they are let in.
        "organization_requires_mfa": authorization.locked_out(principal.account, membership),
    }
