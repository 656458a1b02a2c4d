"""Invitations: to an address, with a secret token that is used once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from supamanager_api import errors, ratelimits
from supamanager_api.accounts import emails
from supamanager_api.accounts.model import AccountRow
from supamanager_api.database import Connection, Database
from supamanager_api.mails.model import Kind
from supamanager_api.mails.service import Mails
from supamanager_api.organizations import entry, members, queries
from supamanager_api.organizations.model import Actor, InvitationRow, OpenedRow
from supamanager_api.permissions import ROLE_IDS, Permission, Role

INVITE: Final = Permission("write:Create", "user_invites")
REVOKE: Final = Permission("write:Delete", "user_invites")

LIFETIME: Final = timedelta(days=7)
MOST: Final = 200
"""How many of an organization may be open at once."""

_UNKNOWN: Final = "Invitation not found"


@dataclass(frozen=True)
class Sent:
    """`link` holds a token that nobody else knows; it was mailed, or whoever invites must."""

    row: InvitationRow
    link: str
    mailed: bool


class Invitations:
    """`studio_url` is where a link leads to."""

    def __init__(
        self,
        database: Database,
        mails: Mails,
        *,
        limits: ratelimits.RateLimits,
        studio_url: str,
    ) -> None:
        self._database = database
        self._mails = mails
        self._limits = limits
        self._studio_url = studio_url

    async def all(self, organization_id: int) -> list[InvitationRow]:
        """Those that nobody has accepted, the expired ones too."""
        async with self._database.acquire() as connection:
            return await queries.INVITATIONS(connection, organization_id)

    async def invite(
        self,
        actor: Actor,
        organization_id: int,
        *,
        inviter: str,
        email: str,
        role: Role,
        refs: Sequence[str] | None,
    ) -> Sent:
        """Invite an address to a role; an earlier invitation of it is void from then on.

        It is mailed where the platform sends mails; `inviter` is the address that it names.

        Raises:
            Invalid, Forbidden, NotFound
            Conflict: a member has the address, or too many are invited.
            TooManyRequests: the account, or the organization, invites too fast, or the address is
                mailed too often.
        """
        address = emails.normalize(email)
        members.check_limited(role, refs)
        await self._limits.take(
            (ratelimits.INVITE_ACCOUNT, str(actor.account_id)),
            (ratelimits.INVITE_ORGANIZATION, str(organization_id)),
            *([(ratelimits.MAIL_EMAIL, address)] if self._mails.enabled else []),
        )
        token = secrets.token_urlsafe(32)
        async with self._database.transaction() as connection:
            acting = await entry.enter(connection, actor, organization_id)
            actor.decide(acting, INVITE, {"role_id": ROLE_IDS[role]})
            for member in await queries.MEMBERS(connection, organization_id, None, None, None):
                if member.email.lower() == address.lower():
                    raise errors.Conflict("Somebody with this address is a member already")
            row = await queries.SAVE_INVITATION.certain(
                connection,
                organization_id,
                address,
                role,
                refs is not None,
                _fingerprint(token),
                LIFETIME.total_seconds(),
            )
            if (await queries.INVITATION_COUNT.certain(connection, organization_id)).count > MOST:
                raise errors.Conflict(f"{MOST} invitations are open: revoke some first")
            await queries.CLEAR_INVITATION(connection, row.id)
            if refs is not None:
                filled = await queries.FILL_INVITATION(
                    connection, row.id, organization_id, list(refs)
                )
                if filled != len(set(refs)):
                    raise errors.NotFound("Project not found")
            query = urlencode({"token": token, "slug": acting.slug})
            link = f"{self._studio_url}/join?{query}"
            if self._mails.enabled:
                await self._mails.enqueue(
                    connection,
                    address,
                    Kind.INVITATION,
                    organization=acting.name,
                    inviter=inviter,
                    role=role,
                    link=link,
                    validity=f"{LIFETIME.days} days",
                )
        return Sent(row, link, mailed=self._mails.enabled)

    async def revoke(self, actor: Actor, organization_id: int, invitation_id: int) -> None:
        """
        Raises:
            Forbidden, NotFound
        """
        async with self._database.transaction() as connection:
            acting = await entry.enter(connection, actor, organization_id)
            row = await queries.INVITATION(connection, organization_id, invitation_id)
            if row is None:
                raise errors.NotFound(_UNKNOWN)
            actor.decide(acting, REVOKE, {"role_id": ROLE_IDS[row.role]})
            await queries.DELETE_INVITATION(connection, organization_id, row.id)

    async def open(self, slug: str, token: str) -> OpenedRow | None:
        """What the token invites to; None when it is not known, or not to this organization."""
        async with self._database.acquire() as connection:
            return await queries.INVITATION_BY_TOKEN(connection, _fingerprint(token), slug)

    async def accept(self, account: AccountRow, slug: str, token: str) -> OpenedRow:
        """Become a member. Of two that use one token, one does.

        Raises:
            NotFound: there is no such invitation (any more).
            Forbidden: it is another address's.
            Invalid: it has expired.
            Unauthenticated: the account was deleted meanwhile.
        """
        async with self._database.transaction() as connection:
            if await queries.KEEP_ACCOUNT(connection, account.id) is None:
                raise errors.Unauthenticated("The session has ended", code="session_not_found")
            opened = await queries.INVITATION_BY_TOKEN(connection, _fingerprint(token), slug)
            if opened is not None:
                await queries.LOCK(connection, opened.organization_id)
                opened = await queries.INVITATION_BY_TOKEN(connection, _fingerprint(token), slug)
            if opened is None:
                raise errors.NotFound(_UNKNOWN)
            if not matches(opened, account):
                raise errors.Forbidden("This invitation is for another e-mail address")
            if opened.expired:
                raise errors.Invalid("This invitation has expired: ask for a new one")
            await self._join(connection, opened, account.id)
            await queries.DELETE_INVITATION(connection, opened.organization_id, opened.id)
        return opened

    async def _join(self, connection: Connection, opened: OpenedRow, account_id: int) -> None:
        whole = None if opened.limited else opened.role
        added = await queries.ADD_MEMBER(connection, opened.organization_id, account_id, whole)
        # Who is a member already, by another address, keeps the roles.
        if not added or not opened.limited:
            return
        # Of the projects, some may have been deleted or moved away since.
        refs = [row.project_ref for row in await queries.INVITATION_PROJECTS(connection, opened.id)]
        made = await queries.SAVE_PROJECT_ROLE.certain(
            connection, opened.organization_id, account_id, opened.role
        )
        await members.limit(connection, made.id, organization_id=opened.organization_id, refs=refs)


def matches(opened: OpenedRow, account: AccountRow) -> bool:
    return opened.email.lower() == account.email.lower()


def _fingerprint(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
