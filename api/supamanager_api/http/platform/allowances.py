"""What an organization may use and what it uses: entitlements, plan, quotas."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from supamanager_api import errors
from supamanager_api.deps import ContextDep, MembershipDep, PrincipalDep
from supamanager_api.http import etags
from supamanager_api.http.bodies import Body, Text
from supamanager_api.http.platform.organizations import Plan
from supamanager_api.http.routing import Router
from supamanager_api.organizations import entitlements, quotas
from supamanager_api.projects import footprints, service, sizes, visibility
from supamanager_api.projects.allotment import Allotment
from supamanager_api.projects.model import Filter

router = Router(tags=["organizations"])


class EntitlementsOut(BaseModel):
    entitlements: list[dict[str, Any]]


class ResourceOut(BaseModel):
    """Cores, bytes, or a number of projects; a limit of null is none."""

    resource: str
    used: float
    limit: float | None


class QuotasOut(BaseModel):
    quotas: list[ResourceOut]


class UsageOut(QuotasOut):
    """`usages` is what would be billed: nothing."""

    usage_billing_enabled: bool = False
    usages: list[dict[str, Any]] = []


class AddonsOut(BaseModel):
    ref: str
    name: str
    addons: list[dict[str, Any]] = []


class SubscriptionOut(BaseModel):
    """The plan that all have; its periods are the calendar's months, in Unix seconds."""

    plan: Plan = Plan()
    addons: list[dict[str, Any]] = []
    project_addons: list[AddonsOut]
    billing_cycle_anchor: int
    current_period_start: int
    current_period_end: int
    next_invoice_at: int
    customer_balance: int = 0
    payment_method_type: str = "none"
    billing_via_partner: bool = False
    billing_partner: str | None = None
    usage_billing_enabled: bool = False
    scheduled_plan_change: dict[str, Any] | None = None
    nano_enabled: bool = True


class LimitedOut(BaseModel):
    free_project_limit: int
    primary_email: str
    username: str


class SetQuotas(Body):
    """Quantities as Kubernetes writes them; null: without limit; what is missing: the default."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)


@router.get("/organizations/{slug}/entitlements")
async def list_entitlements(
    slug: str, context: ContextDep, membership: MembershipDep
) -> EntitlementsOut:
    days = await context.audit.days()
    return EntitlementsOut(entitlements=entitlements.every(sizes=sizes.SIZES, audit_days=days))


@router.get("/organizations/{slug}/billing/subscription")
async def get_subscription(
    slug: str, context: ContextDep, membership: MembershipDep
) -> SubscriptionOut:
    """Nobody is billed; Studio asks which plan it is."""
    start = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    found = await context.listing.page(visibility.of(context.policy, [membership]), Filter())
    return SubscriptionOut(
        project_addons=[
            AddonsOut(ref=row.project_ref, name=row.project_name) for row in found.rows
        ],
        billing_cycle_anchor=int(start.timestamp()),
        current_period_start=int(start.timestamp()),
        current_period_end=int(following.timestamp()),
        next_invoice_at=int(following.timestamp()),
    )


@router.get("/organizations/{slug}/usage")
async def get_usage(
    slug: str, context: ContextDep, membership: MembershipDep, project_ref: Text | None = None
) -> UsageOut:
    """What the projects take of the cluster, or one of them does, and the organization's quotas."""
    only = project_ref or None
    if only and not context.policy.allows(membership.roles, visibility.READ, ref=only):
        raise errors.NotFound(service.UNKNOWN)
    found = await context.projects.allotment(membership.organization_id, only=only)
    return UsageOut(quotas=_resources(found))


@router.get("/organizations/{slug}/quotas")
async def get_quotas(slug: str, context: ContextDep, membership: MembershipDep) -> QuotasOut:
    return QuotasOut(
        quotas=_resources(await context.projects.allotment(membership.organization_id))
    )


@router.put("/organizations/{slug}/quotas")
async def set_quotas(slug: str, body: SetQuotas, context: ContextDep) -> QuotasOut:
    """By administrators of the platform, in place of the quotas that were set before."""
    values = dict(body.model_extra or {})
    try:
        quotas.changed(quotas.UNLIMITED, values)
    except ValueError as error:
        raise errors.Invalid(str(error)) from None
    organization_id = await context.organizations.set_quota(slug, values)
    return QuotasOut(quotas=_resources(await context.projects.allotment(organization_id)))


@router.get(
    "/organizations/{slug}/members/reached-free-project-limit",
    response_model=list[LimitedOut],
    responses=etags.UNCHANGED,
)
async def list_reached_limits(
    slug: str,
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    membership: MembershipDep,
) -> Response:
    """Who asks, when the quota allows no further project: Studio then makes none."""
    found = await context.projects.allotment(membership.organization_id)
    limit = found.quota.projects
    if limit is None or found.used.projects < limit:
        return etags.answer(request, [])
    account = principal.account
    limited = LimitedOut(
        free_project_limit=limit, primary_email=account.email, username=account.username
    )
    return etags.answer(request, [limited])


def _resources(found: Allotment) -> list[ResourceOut]:
    return [
        ResourceOut(
            resource=name,
            used=_shown(name, getattr(found.used, name)),
            limit=None if limit is None else _shown(name, limit),
        )
        for name in footprints.FIELDS
        for limit in [getattr(found.quota, name)]
    ]


def _shown(name: str, amount: int) -> float:
    return amount / quotas.MILLI if name == "cpu" else amount
