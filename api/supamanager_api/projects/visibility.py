"""Which projects an account may see: those that its roles let it read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from supamanager_api.organizations.model import MembershipRow
from supamanager_api.permissions import Permission, Policy
from supamanager_api.projects.model import Visible

READ: Final = Permission("read:Read", "projects")


def of(policy: Policy, memberships: Iterable[MembershipRow], *, unclaimed: bool = False) -> Visible:
    """What the policy gives the roles of these memberships to see."""
    organizations: list[int] = []
    refs: list[str] = []
    hidden: list[str] = []
    for membership in memberships:
        roles = membership.roles
        if policy.allows(roles, READ):
            organizations.append(membership.organization_id)
        for ref in membership.project_ids:
            (refs if policy.allows(roles, READ, ref=ref) else hidden).append(ref)
    return Visible(
        organization_ids=tuple(organizations),
        hidden=tuple(hidden),
        refs=tuple(refs),
        unclaimed=unclaimed,
    )
