"""Entering an organization to change it: nobody else does so at the same time."""

from __future__ import annotations

from typing import Final

from supamanager_api import errors
from supamanager_api.database import Connection
from supamanager_api.organizations import queries
from supamanager_api.organizations.model import Actor, MembershipRow

UNKNOWN: Final = "Organization not found"


async def enter(connection: Connection, actor: Actor, organization_id: int) -> MembershipRow:
    """What the actor is there now: it may be less than when the request came in.

    The organization stays locked until the transaction ends.

    Raises:
        NotFound: it is gone, or the actor was removed from it.
    """
    await queries.LOCK(connection, organization_id)
    found = await queries.MEMBERSHIP_BY_ID(connection, actor.account_id, organization_id)
    if found is None:
        raise errors.NotFound(UNKNOWN)
    return found


async def keep_an_owner(connection: Connection, organization_id: int) -> None:
    """Raises Conflict when the change would leave the organization without one."""
    if not (await queries.OWNERS.certain(connection, organization_id)).count:
        raise errors.Conflict(
            "An organization needs an owner: make somebody else an owner first, or delete it"
        )
