"""Moving a project to another organization: who does it needs rights in both."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from supamanager_api import errors
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, PrincipalDep
from supamanager_api.http import authorization, failures
from supamanager_api.http.authorization import Principal
from supamanager_api.http.bodies import Body, Text
from supamanager_api.http.routing import Router
from supamanager_api.organizations import entry
from supamanager_api.organizations.model import MembershipRow
from supamanager_api.permissions import Permission
from supamanager_api.projects.transfer import AWAY, HERE

router = Router(tags=["projects"])


class Transfer(Body):
    target_organization_slug: Text


class Remark(BaseModel):
    key: str
    message: str


class PreviewOut(BaseModel):
    valid: bool
    errors: list[Remark]
    warnings: list[Remark] = []
    info: list[Remark] = []
    members_exceeding_free_project_limit: list[dict[str, Any]] = []
    has_access_to_target_organization: bool
    has_permissions_on_source_organization: bool
    source_subscription_plan: str = "free"
    target_subscription_plan: str | None


@router.post(
    "/projects/{ref}/transfer", status_code=201, response_class=Response, responses=failures.INTENT
)
async def transfer_project(
    ref: str, body: Transfer, context: ContextDep, principal: PrincipalDep
) -> Response:
    """The project belongs to the other organization when this is answered."""
    target = await _target(context, principal, body.target_organization_slug)
    await context.transfers.transfer(
        authorization.actor(context, principal), ref, _entered(principal), target
    )
    return Response(status_code=201)


@router.post("/projects/{ref}/transfer/preview", status_code=201)
async def preview_transfer(
    ref: str, body: Transfer, context: ContextDep, principal: PrincipalDep
) -> PreviewOut:
    """What a transfer would be refused for."""
    remarks: list[Remark] = []
    may_leave = _permitted(remarks, context, principal, _entered(principal), asked=AWAY)
    target = await context.organizations.by_slug(
        principal.account.id, body.target_organization_slug
    )
    may_come = False
    if target is None:
        remarks.append(Remark(key="target_organization", message=entry.UNKNOWN))
    else:
        may_come = _permitted(remarks, context, principal, target, asked=HERE)
    if target is not None and may_leave and may_come:
        try:
            await context.transfers.rehearse(ref, _entered(principal), target)
        except (errors.Conflict, errors.Unprocessable, errors.QuotaExceeded) as refusal:
            remarks.append(Remark(key=refusal.code, message=refusal.message))
    return PreviewOut(
        valid=not remarks,
        errors=remarks,
        has_access_to_target_organization=target is not None,
        has_permissions_on_source_organization=may_leave,
        target_subscription_plan=None if target is None else "free",
    )


async def _target(context: Context, principal: Principal, slug: str) -> MembershipRow:
    """Raises NotFound, Forbidden."""
    target = await context.organizations.by_slug(principal.account.id, slug)
    if target is None:
        raise errors.NotFound(entry.UNKNOWN)
    authorization.decide(context, principal, resource={}, permission=HERE, membership=target)
    return target


def _permitted(
    remarks: list[Remark],
    context: Context,
    principal: Principal,
    membership: MembershipRow,
    *,
    asked: Permission,
) -> bool:
    try:
        authorization.decide(
            context, principal, resource={}, permission=asked, membership=membership
        )
    except errors.Forbidden as refusal:
        remarks.append(Remark(key=refusal.code, message=refusal.message))
        return False
    return True


def _entered(principal: Principal) -> MembershipRow:
    assert principal.membership is not None, "the path names a project"
    return principal.membership
