"""The members of an organization and their roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from supamanager_api import errors
from supamanager_api.database import Connection, Database
from supamanager_api.organizations import entry, queries
from supamanager_api.organizations.model import (
    Actor,
    MemberRow,
    MembershipRow,
    ProjectRoleRow,
)
from supamanager_api.permissions import ROLE_IDS, Permission, Role

GIVE: Final = Permission("write:Create", "auth.subject_roles")
SEE: Final = Permission("read:Read", "projects")
TAKE: Final = Permission("write:Delete", "auth.subject_roles")

_ROLES: Final = {number: role for role, number in ROLE_IDS.items()}
_NO_MEMBER: Final = "Member not found"
_NO_ROLE: Final = "Role not found"
_WHOLE: Final = "role_scoped_projects: an owner owns the whole organization"


def role_of(number: int) -> Role:
    """Raises Invalid for a number that is none of the four roles'."""
    if number not in _ROLES:
        raise errors.Invalid("role_id: is none of the organization's roles")
    return _ROLES[number]


def check_limited(role: Role, refs: Sequence[str] | None) -> None:
    """Raises Invalid for a role that cannot be limited to these projects."""
    if refs is None:
        return
    if not refs:
        raise errors.Invalid("role_scoped_projects: names no project")
    if role is Role.OWNER:
        raise errors.Invalid(_WHOLE)


@dataclass(frozen=True)
class Found:
    """The actor as it is now, and the member that is to be changed."""

    acting: MembershipRow
    member: MemberRow


class Members:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(
        self, organization_id: int, *, after: int | None = None, limit: int | None = None
    ) -> list[MemberRow]:
        """All members, those that have been on the platform longest first, or some that come after
        an account."""
        async with self._database.acquire() as connection:
            return await queries.MEMBERS(connection, organization_id, None, after, limit)

    async def project_roles(self, organization_id: int) -> list[ProjectRoleRow]:
        """The roles that are limited to projects; each is one member's."""
        async with self._database.acquire() as connection:
            return await queries.PROJECT_ROLES(connection, organization_id)

    async def give(
        self,
        actor: Actor,
        organization_id: int,
        *,
        gotrue_id: UUID,
        role: Role,
        refs: Sequence[str] | None,
    ) -> None:
        """Make it the member's role in the whole organization, or in exactly these projects.

        Raises:
            Invalid, Forbidden, NotFound
            Conflict: nobody would own the organization.
        """
        check_limited(role, refs)
        async with self._database.transaction() as connection:
            found = await self._find(connection, actor, organization_id, gotrue_id=gotrue_id)
            member = found.member
            if refs is not None:
                _decide_limited(actor, found)
            elif member.role is not None and member.role is not role:
                _decide(actor, found, TAKE, role=member.role)
            _decide(actor, found, GIVE, role=role)
            if refs is not None:
                made = await queries.SAVE_PROJECT_ROLE.certain(
                    connection, organization_id, member.account_id, role
                )
                await limit(connection, made.id, organization_id=organization_id, refs=refs)
                return
            if role is Role.OWNER and member.role is not role:
                await self._make_owner(connection, organization_id, member=member)
            await queries.SET_ROLE(connection, organization_id, member.account_id, role)
            await entry.keep_an_owner(connection, organization_id)

    async def _make_owner(
        self, connection: Connection, organization_id: int, *, member: MemberRow
    ) -> None:
        """What an owner must not be: limited in projects, or an account that is being deleted,
        which has looked at what it owns alone.

        Raises:
            NotFound: the account was deleted meanwhile.
        """
        if await queries.KEEP_ACCOUNT(connection, member.account_id) is None:
            raise errors.NotFound(_NO_MEMBER)
        await queries.DELETE_PROJECT_ROLES(connection, organization_id, member.account_id)

    async def change(
        self,
        actor: Actor,
        organization_id: int,
        *,
        gotrue_id: UUID,
        role_id: int,
        refs: Sequence[str],
        name: str | None,
        description: str | None,
    ) -> None:
        """Name the member's role, and limit it to these projects.

        Raises:
            Invalid, Forbidden, NotFound
        """
        async with self._database.transaction() as connection:
            found = await self._find(connection, actor, organization_id, gotrue_id=gotrue_id)
            scoped = await queries.PROJECT_ROLE(
                connection, organization_id, found.member.account_id, role_id
            )
            if scoped is None:
                raise errors.NotFound(_NO_ROLE)
            _decide_limited(actor, found)
            _decide(actor, found, GIVE, role=scoped.role)
            check_limited(scoped.role, refs)
            await queries.NAME_PROJECT_ROLE(connection, scoped.id, name, description)
            await limit(connection, scoped.id, organization_id=organization_id, refs=refs)

    async def take(
        self, actor: Actor, organization_id: int, *, gotrue_id: UUID, role_id: int
    ) -> None:
        """Take one role from a member, who stays a member.

        Raises:
            Forbidden, NotFound
            Conflict: nobody would own the organization.
        """
        async with self._database.transaction() as connection:
            found = await self._find(connection, actor, organization_id, gotrue_id=gotrue_id)
            member = found.member
            if member.role is not None and ROLE_IDS[member.role] == role_id:
                _decide(actor, found, TAKE, role=member.role)
                await queries.SET_ROLE(connection, organization_id, member.account_id, None)
                await entry.keep_an_owner(connection, organization_id)
                return
            scoped = await queries.PROJECT_ROLE(
                connection, organization_id, member.account_id, role_id
            )
            if scoped is None:
                raise errors.NotFound(_NO_ROLE)
            _decide(actor, found, TAKE, role=scoped.role)
            await queries.DELETE_PROJECT_ROLE(
                connection, organization_id, member.account_id, scoped.id
            )

    async def remove(self, actor: Actor, organization_id: int, *, gotrue_id: UUID) -> None:
        """Remove a member with all roles; whoever removes themselves leaves.

        Raises:
            Forbidden, NotFound
            Conflict: nobody would own the organization.
        """
        async with self._database.transaction() as connection:
            found = await self._find(connection, actor, organization_id, gotrue_id=gotrue_id)
            member = found.member
            roles: list[Role | None] = [each.role for each in member.roles]
            for role in roles or [None]:
                _decide(actor, found, TAKE, role=role)
            await queries.DELETE_MEMBER(connection, organization_id, member.account_id)
            await entry.keep_an_owner(connection, organization_id)

    async def _find(
        self, connection: Connection, actor: Actor, organization_id: int, *, gotrue_id: UUID
    ) -> Found:
        acting = await entry.enter(connection, actor, organization_id)
        found = await queries.MEMBERS(connection, organization_id, gotrue_id, None, None)
        if not found:
            raise errors.NotFound(_NO_MEMBER)
        return Found(acting, found[0])


async def limit(
    connection: Connection, role_id: int, *, organization_id: int, refs: Sequence[str]
) -> None:
    """Let the role count in exactly these projects.

    Raises:
        NotFound: one of them is not in the organization.
    """
    await queries.CLEAR_PROJECT_ROLE(connection, role_id)
    filled = await queries.FILL_PROJECT_ROLE(connection, role_id, organization_id, list(refs))
    if filled != len(set(refs)):
        raise errors.NotFound("Project not found")


def _decide_limited(actor: Actor, found: Found) -> None:
    """Whether a role in some projects may be given, which counts there instead of the member's
    role in the whole organization: so that one is taken.

    Raises:
        Forbidden
        Invalid: the member is an owner.
    """
    role = found.member.role
    if role is not None:
        _decide(actor, found, TAKE, role=role)
    if role is Role.OWNER:
        raise errors.Invalid(_WHOLE)


def _decide(actor: Actor, found: Found, permission: Permission, *, role: Role | None) -> None:
    resource = {
        "role_id": None if role is None else ROLE_IDS[role],
        "subject_id": str(found.member.gotrue_id),
    }
    actor.decide(found.acting, permission, resource)
