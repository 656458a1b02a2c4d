"""Organizations: making, changing and deleting them, and what an account sees of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from supamanager_api import errors
from supamanager_api.database import Connection, Database
from supamanager_api.organizations import entry, queries, slugs
from supamanager_api.organizations.model import Actor, MembershipRow
from supamanager_api.permissions import Permission, Role

UPDATE: Final = Permission("write:Update", "organizations")
DELETE: Final = Permission("write:Delete", "organizations")

_DRAWS: Final = 5
LONGEST_NAME: Final = 256
_NAMED: Final = 5
"""How many of the projects that are left are named."""


class Organizations:
    def __init__(self, database: Database, *, largest: int) -> None:
        """`largest` is how many organizations an account may own to make another; 0: any number."""
        self._database = database
        self._largest = largest

    async def create(self, account_id: int, name: str) -> MembershipRow:
        """A new organization, which the account owns.

        Raises:
            Invalid: the name is empty or too long.
            QuotaExceeded: the account owns as many as it may.
            Unauthenticated: the account was deleted meanwhile.
        """
        name = _checked(name)
        async with self._database.transaction() as connection:
            if await queries.QUEUE(connection, account_id) is None:
                raise errors.Unauthenticated("The session has ended", code="session_not_found")
            if self._largest:
                await self._check(connection, account_id)
            for _ in range(_DRAWS):
                made = await queries.CREATE_ORGANIZATION(connection, slugs.draw(name), name)
                if made is not None:
                    break
            else:
                raise errors.Conflict("No free slug was found for this name; try again")
            await queries.CREATE_MEMBERSHIP(connection, made.id, account_id, Role.OWNER)
        return MembershipRow(made.id, made.slug, made.name, Role.OWNER)

    async def _check(self, connection: Connection, account_id: int) -> None:
        owned = (await queries.OWNED.certain(connection, account_id)).count
        if owned >= self._largest:
            raise errors.QuotaExceeded(
                f"This account owns {owned} organizations, and may make no more than "
                f"{self._largest}: delete one, or leave it to another owner"
            )

    async def update(
        self,
        actor: Actor,
        organization_id: int,
        *,
        name: str | None,
        billing_email: str | None,
        opt_in_tags: Sequence[str] | None,
    ) -> MembershipRow:
        """Change what is not None. The slug stays: it is a label of the projects' resources.

        Raises:
            Invalid, Forbidden, NotFound
        """
        tags = None if opt_in_tags is None else list(dict.fromkeys(opt_in_tags))
        named = None if name is None else _checked(name)
        async with self._database.transaction() as connection:
            actor.decide(await entry.enter(connection, actor, organization_id), UPDATE, {})
            await queries.UPDATE(connection, organization_id, named, billing_email, tags)
            return await queries.MEMBERSHIP_BY_ID.certain(
                connection, actor.account_id, organization_id
            )

    async def require_mfa(self, actor: Actor, organization_id: int, *, required: bool) -> None:
        """Whether only who has a second factor is let in.

        Raises:
            Forbidden, NotFound
        """
        async with self._database.transaction() as connection:
            actor.decide(await entry.enter(connection, actor, organization_id), UPDATE, {})
            await queries.REQUIRE_MFA(connection, organization_id, required)

    async def delete(self, actor: Actor, organization_id: int) -> None:
        """Delete an organization without projects, with its members and invitations.

        Raises:
            Forbidden, NotFound
            Conflict: names projects that are left.
        """
        async with self._database.transaction() as connection:
            await queries.LOCK_FOR_DELETION(connection, organization_id)
            actor.decide(await entry.enter(connection, actor, organization_id), DELETE, {})
            left = await queries.PROJECTS_LEFT(connection, organization_id)
            if left:
                named = [f"{row.project_name} ({row.project_ref})" for row in left[:_NAMED]]
                if len(left) > _NAMED:
                    named.append(f"and {len(left) - _NAMED} more")
                raise errors.Conflict(f"Delete or transfer its projects first: {', '.join(named)}")
            await queries.DISOWN_REMOVED(connection, organization_id)
            await queries.DELETE(connection, organization_id)

    async def set_quota(self, slug: str, values: dict[str, Any]) -> int:
        """Set what the organization may use, in place of the default; its id.

        Raises:
            NotFound
        """
        async with self._database.transaction() as connection:
            found = await queries.LOCK_BY_SLUG(connection, slug)
            if found is None:
                raise errors.NotFound(entry.UNKNOWN)
            await queries.SAVE_QUOTA(connection, found.id, values)
        return found.id

    async def memberships(
        self, account_id: int, *, after: int | None = None, limit: int | None = None
    ) -> list[MembershipRow]:
        """The organizations of an account, oldest first, or some that come after one."""
        async with self._database.acquire() as connection:
            return await queries.MEMBERSHIPS(connection, account_id, after, limit)

    async def by_slug(self, account_id: int, slug: str) -> MembershipRow | None:
        """None for an organization that is not there, and for one of others."""
        async with self._database.acquire() as connection:
            return await queries.MEMBERSHIP_BY_SLUG(connection, account_id, slug)

    async def by_id(self, account_id: int, organization_id: int) -> MembershipRow | None:
        """As `by_slug`."""
        async with self._database.acquire() as connection:
            return await queries.MEMBERSHIP_BY_ID(connection, account_id, organization_id)


def _checked(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise errors.Invalid(f"name: must have 1 to {LONGEST_NAME} characters")
    return name
