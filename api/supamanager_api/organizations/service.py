"""Organizations: making them, and what an account sees of them."""

from __future__ import annotations

from typing import Final

from supamanager_api import errors
from supamanager_api.database import Database
from supamanager_api.organizations import queries, slugs
from supamanager_api.organizations.model import MembershipRow
from supamanager_api.permissions import Role

_DRAWS: Final = 5
LONGEST_NAME: Final = 256


class Organizations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, account_id: int, name: str) -> MembershipRow:
        """A new organization, which the account owns.

        Raises:
            Invalid: the name is empty or too long.
        """
        name = name.strip()
        if not 1 <= len(name) <= LONGEST_NAME:
            raise errors.Invalid(f"name: must have 1 to {LONGEST_NAME} characters")
        async with self._database.transaction() as connection:
            for _ in range(_DRAWS):
                made = await queries.CREATE_ORGANIZATION(connection, slugs.draw(name), name)
                if made is not None:
                    break
            else:
                raise errors.Conflict("No free slug was found for this name; try again")
            await queries.CREATE_MEMBERSHIP(connection, made.id, account_id, Role.OWNER)
        return MembershipRow(made.id, made.slug, made.name, Role.OWNER)

    async def memberships(self, account_id: int) -> list[MembershipRow]:
        """The organizations of an account, oldest first."""
        async with self._database.acquire() as connection:
            return await queries.MEMBERSHIPS(connection, account_id)

    async def by_slug(self, account_id: int, slug: str) -> MembershipRow | None:
        """None for an organization that is not there, and for one of others."""
        async with self._database.acquire() as connection:
            return await queries.MEMBERSHIP_BY_SLUG(connection, account_id, slug)

    async def by_id(self, account_id: int, organization_id: int) -> MembershipRow | None:
        """As `by_slug`."""
        async with self._database.acquire() as connection:
            return await queries.MEMBERSHIP_BY_ID(connection, account_id, organization_id)
