"""Organizations."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from supamanager_api.deps import ContextDep, MembershipDep, PrincipalDep
from supamanager_api.http import etags
from supamanager_api.http.bodies import Body, Text
from supamanager_api.organizations.model import MembershipRow
from supamanager_api.permissions import Role

router = APIRouter(tags=["organizations"])


class CreateOrganization(Body):
    """Studio sends a kind, a size and a tier too; there is one plan."""

    name: Text


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
    billing_email: str | None = None
    billing_partner: str | None = None
    opt_in_tags: list[str] = []
    restriction_status: str | None = None
    restriction_data: dict[str, Any] | None = None
    stripe_customer_id: str | None = None
    subscription_id: str | None = None
    usage_billing_enabled: bool = False
    organization_requires_mfa: bool = False
    organization_missing_address: bool = False
    organization_missing_tax_id: bool = False
    integration_source: str | None = None
    requires_indirect_tax_declaration: bool = False


class OrganizationDetailOut(OrganizationOut):
    has_oriole_project: bool = False


@router.post("/organizations", status_code=201)
async def create_organization(
    body: CreateOrganization, context: ContextDep, principal: PrincipalDep
) -> OrganizationOut:
    """The account that makes it owns it."""
    made = await context.organizations.create(principal.account.id, body.name)
    return OrganizationOut(**_fields(made))


@router.get("/organizations", response_model=list[OrganizationOut])
async def list_organizations(
    request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    """The account's organizations, oldest first."""
    memberships = await context.organizations.memberships(principal.account.id)
    items = [OrganizationOut(**_fields(membership)) for membership in memberships]
    return etags.answer(request, [item.model_dump(mode="json") for item in items])


@router.get("/organizations/{slug}")
async def get_organization(slug: str, membership: MembershipDep) -> OrganizationDetailOut:
    return OrganizationDetailOut(**_fields(membership))


def _fields(membership: MembershipRow) -> dict[str, Any]:
    return {
        "id": membership.organization_id,
        "slug": membership.slug,
        "name": membership.name,
        "is_owner": membership.role is Role.OWNER,
    }
