"""Who sends a request and whether they may: the dependency in front of every route.

An organization that the account is no member of answers as one that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.requests import Request

from supamanager_api import errors, origin
from supamanager_api.accounts.model import AccountRow, Identity, Level
from supamanager_api.context import Context
from supamanager_api.http.permissions import Access, Member, Open
from supamanager_api.organizations import entry
from supamanager_api.organizations.model import Actor, MembershipRow
from supamanager_api.permissions import Permission
from supamanager_api.projects import service
from supamanager_api.projects.model import ProjectRow

_BEARER: Final = re.compile(r"[Bb]earer +([-\w.~+/]+=*)")
_ONE_FACTOR: Final = (
    "This access token was made without the second factor of its account: make a new one"
)


@dataclass(frozen=True)
class Principal:
    """Who sent the request; `membership` is set once an organization was entered, and `project`
    when that was by a project of it."""

    identity: Identity
    platform_admin: bool
    access: Access
    membership: MembershipRow | None = None
    project: ProjectRow | None = None

    @property
    def account(self) -> AccountRow:
        return self.identity.account

    @property
    def ref(self) -> str | None:
        return None if self.project is None else self.project.project_ref


async def authorize(request: Request, access: Access) -> Principal | None:
    """Let the request through; None for a public route.

    Raises:
        Unauthenticated, NotFound, Forbidden
    """
    if access is Open.PUBLIC:
        return None
    token = _token(request)
    context: Context = request.app.state.context
    identity = await context.accounts.authenticate(token)
    account = identity.account
    if (current := origin.CURRENT.get()) is not None:
        current.account_id, current.gotrue_id = account.id, str(account.gotrue_id)
        current.email = account.email
        current.token = "personal" if identity.session is None else "session"
    _check_strength(identity, access)
    principal = Principal(
        identity=identity,
        platform_admin=account.email_confirmed_at is not None
        and account.email in context.settings.platform_admins,
        access=access,
    )
    if access is Open.PLATFORM and not principal.platform_admin:
        raise errors.Forbidden("This is for the platform's administrators")
    if not isinstance(access, Member):
        return principal
    parameters = request.path_params
    if (slug := parameters.get("slug")) is not None:
        membership = await context.organizations.by_slug(account.id, slug)
        return enter(context, principal, membership=membership)
    if (ref := parameters.get("ref")) is not None:
        return await enter_project(context, principal, ref)
    return principal


async def enter_project(
    context: Context, principal: Principal, ref: str, *, unknown: str = service.UNKNOWN
) -> Principal:
    """The principal inside the organization of a project; `unknown` is said to strangers.

    Raises:
        NotFound, Forbidden: as `enter`.
    """
    access = principal.access
    found = await context.projects.entered(
        principal.account.id,
        ref,
        platform_admin=principal.platform_admin,
        removed=isinstance(access, Member) and access.removed,
    )
    if found is None:
        raise errors.NotFound(unknown)
    project, membership = found
    return enter(context, replace(principal, project=project), membership=membership)


def enter(context: Context, principal: Principal, *, membership: MembershipRow | None) -> Principal:
    """The principal inside an organization, with the permission that the route asks for.

    Raises:
        NotFound: the account is no member.
        Forbidden: its roles may not, or it needs a second factor.
    """
    if membership is None:
        raise errors.NotFound(entry.UNKNOWN)
    if locked_out(principal.account, membership):
        raise _too_weak()
    access = principal.access
    assert isinstance(access, Member), "the route asks for no permission"
    data = None if access.detailed else _data(principal, access.permission, {})
    if access.anywhere:
        allowed = context.policy.allows_anywhere(membership.roles, access.permission, data=data)
    else:
        allowed = context.policy.allows(
            membership.roles, access.permission, ref=principal.ref, data=data
        )
    if not allowed:
        raise _forbidden(access.permission)
    return replace(principal, membership=membership)


def decide(
    context: Context,
    principal: Principal,
    *,
    resource: Mapping[str, Any],
    permission: Permission | None = None,
    membership: MembershipRow | None = None,
    anywhere: bool | None = None,
) -> None:
    """Ask anew for the route's permission, or for another one, with what is known of the resource;
    `membership` is what was read since, or the one in another organization.

    Raises:
        Forbidden
    """
    access, membership = principal.access, membership or principal.membership
    assert isinstance(access, Member), "the route asks for no permission"
    assert membership is not None, "no organization was entered"
    asked = permission or access.permission
    if locked_out(principal.account, membership):
        raise _too_weak()
    data = _data(principal, asked, resource)
    if access.anywhere if anywhere is None else anywhere:
        allowed = context.policy.allows_anywhere(membership.roles, asked, data=data)
    else:
        allowed = context.policy.allows(membership.roles, asked, ref=principal.ref, data=data)
    if not allowed:
        raise _forbidden(asked)


def locked_out(account: AccountRow, membership: MembershipRow) -> bool:
    """Whether the organization does not let the account in, which has no second factor. That one
    who has it has also shown it, every route asks."""
    return membership.requires_mfa and not account.second_factor


def actor(context: Context, principal: Principal, *, anywhere: bool | None = None) -> Actor:
    """The principal as who changes its organization."""

    def ask(membership: MembershipRow, permission: Permission, resource: Mapping[str, Any]) -> None:
        decide(
            context,
            principal,
            resource=resource,
            permission=permission,
            membership=membership,
            anywhere=anywhere,
        )

    return Actor(principal.account.id, ask)


def _data(
    principal: Principal, permission: Permission, resource: Mapping[str, Any]
) -> dict[str, Any]:
    """What conditions speak about, as the browser gives it to them."""
    account = principal.account
    return {
        "resource_name": permission.resource,
        "resource": resource,
        "subject": {"id": account.id, "gotrue_id": str(account.gotrue_id)},
    }


def _too_weak() -> errors.Forbidden:
    return errors.Forbidden(
        "This organization requires a second factor: set one up first", code="insufficient_aal"
    )


def _forbidden(permission: Permission) -> errors.Forbidden:
    return errors.Forbidden(f"Your role in the organization lacks {permission}")


def _check_strength(identity: Identity, access: Access) -> None:
    """
    Raises:
        Forbidden: the route is for people, or the account's second factor was not shown yet.
    """
    person = access in (Open.SESSION, Open.FIRST_FACTOR)
    if person and identity.session is None:
        raise errors.Forbidden("A personal access token may not do this: sign in", code="bad_jwt")
    shown = identity.level is Level.TWO or not identity.account.second_factor
    if access is not Open.FIRST_FACTOR and not shown:
        said = _ONE_FACTOR if identity.session is None else "The second factor is required"
        raise errors.Forbidden(said, code="insufficient_aal")


def _token(request: Request) -> str:
    match = _BEARER.fullmatch(request.headers.get("authorization", ""))
    if match is None:
        raise errors.Unauthenticated("This endpoint requires a Bearer token")
    return match[1]
