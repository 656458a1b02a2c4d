"""Changing a password or an e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg

from supamanager_api import errors, ratelimits
from supamanager_api.accounts import (
    codemail,
    codes,
    emails,
    passwords,
    queries,
    sessions,
    tokens,
)
from supamanager_api.accounts.model import AccountRow, Client, CodeRow, Identity, Method
from supamanager_api.database import Connection, Database
from supamanager_api.mails.model import Kind
from supamanager_api.mails.service import Mails

PURPOSE: Final = "email-change"
LINK_TYPE: Final = "email_change"
_RECOVERED: Final = timedelta(hours=1)
"""How long a session that a mailed code opened may set a password without the old one."""


@dataclass(frozen=True)
class _Hashes:
    """Of the password that is replaced, and of the one that takes its place."""

    stored: str
    fresh: str


class Changes:
    def __init__(
        self,
        database: Database,
        hasher: passwords.Passwords,
        *,
        mails: Mails,
        drawer: codes.Codes,
        limits: ratelimits.RateLimits,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._mails = mails
        self._drawer = drawer
        self._limits = limits

    async def change(
        self,
        identity: Identity,
        *,
        client: Client,
        password: str | None = None,
        current: str | None = None,
        email: str | None = None,
        redirect_to: str | None = None,
    ) -> None:
        """A new password, which ends every other session of the account; another address; or both:
        all that is asked for, or nothing.

        The address is used after it was confirmed, if this platform sends mails, else at once and
        unconfirmed. One that another account has is silent where a mail would be sent.

        Raises:
            Invalid: the password, or the current one is missing or wrong; the address is none, or
                the present one.
            Unprocessable: the password is the present one.
            Conflict: the password was changed at the same time; or another account has the address,
                on a platform that sends no mails.
            Unauthenticated: the session has ended.
            TooManyRequests
        """
        address = None if email is None else _other(identity.account.email, email)
        replacing = None
        if password is not None:
            replacing = await self._replacing(identity, password, current=current, client=client)
        if address is not None:
            await self._limits.take(
                (ratelimits.MAIL_ADDRESS, ratelimits.network(client.address)),
                (ratelimits.MAIL_EMAIL, address),
            )
        async with self._database.transaction() as connection:
            await sessions.hold(connection, identity)
            if replacing is not None:
                await self._replace(connection, identity, replacing)
            if address is not None:
                await self._use(connection, identity.account, address, redirect_to=redirect_to)

    async def _replacing(
        self, identity: Identity, password: str, *, current: str | None, client: Client
    ) -> _Hashes:
        passwords.check(password)
        account = identity.account
        async with self._database.acquire() as connection:
            stored = await queries.CREDENTIALS(connection, account.id)
        if stored is None:
            raise errors.Unauthenticated("The session has ended", code="session_not_found")
        if not _recovered(identity):
            await self._prove(account.email, current, stored.password_hash, client=client)
        if await self._hasher.verify(password, stored.password_hash):
            raise errors.Unprocessable(
                "New password should be different from the old password.", code="same_password"
            )
        return _Hashes(stored.password_hash, await self._hasher.hash(password))

    async def _replace(
        self, connection: Connection, identity: Identity, replacing: _Hashes
    ) -> None:
        account = identity.account
        if not await queries.REPLACE_PASSWORD_HASH(
            connection, account.id, replacing.stored, replacing.fresh
        ):
            raise errors.Conflict("The password was changed at the same time; try again")
        await queries.DELETE_CODES(connection, account.id)
        await queries.DELETE_OTHER_SESSIONS(connection, account.id, identity.session_id)
        await queries.SET_SESSION_METHOD(connection, identity.session_id, Method.PASSWORD)
        if self._mails.enabled:
            await self._mails.enqueue(connection, account.email, Kind.PASSWORD_CHANGED)

    async def _prove(self, email: str, current: str | None, stored: str, *, client: Client) -> None:
        if not current:
            raise errors.Invalid(
                "The current password is required to set a new one",
                code="current_password_required",
            )
        network = ratelimits.network(client.address)
        claims = ((ratelimits.SIGN_IN, f"{email} {network}"), (ratelimits.SIGN_IN_EMAIL, email))
        await self._limits.take(*claims)
        if not await self._hasher.verify(current, stored):
            raise errors.Invalid(
                "The current password is not correct", code="current_password_invalid"
            )
        await self._limits.give_back(*claims)

    async def _use(
        self, connection: Connection, account: AccountRow, address: str, *, redirect_to: str | None
    ) -> None:
        if not self._mails.enabled:
            await _set_email(connection, account.id, address, confirmed=False)
            return
        if await queries.ACCOUNT_BY_EMAIL(connection, address):
            return
        drawn = self._drawer.draw(address)
        await codemail.send(
            connection,
            self._mails,
            Kind.CHANGE_ADDRESS,
            account_id=account.id,
            purpose=PURPOSE,
            address=address,
            drawn=drawn,
            link=self._drawer.link(drawn, LINK_TYPE, redirect_to=redirect_to),
            old_address=account.email,
        )

    async def confirm_email_by_code(self, email: str, code: str) -> int | None:
        """The account whose address it is now; None: there is no such code.

        Raises:
            Conflict: another account took the address meanwhile.
        """
        async with self._database.transaction() as connection:
            row = await queries.TAKE_CODE(
                connection, PURPOSE, email, self._drawer.hash(email, code)
            )
            return await self._confirm(connection, row)

    async def confirm_email_by_link(self, token: str) -> int | None:
        """The same by the link's token."""
        async with self._database.transaction() as connection:
            row = await queries.TAKE_LINK(connection, PURPOSE, tokens.fingerprint(token))
            return await self._confirm(connection, row)

    async def _confirm(self, connection: Connection, row: CodeRow | None) -> int | None:
        if row is None:
            return None
        before = await queries.ACCOUNT.certain(connection, row.account_id)
        await _set_email(connection, row.account_id, row.email, confirmed=True)
        if self._mails.enabled:
            await self._mails.enqueue(
                connection, before.email, Kind.ADDRESS_CHANGED, new_address=row.email
            )
        return row.account_id


async def _set_email(
    connection: Connection, account_id: int, address: str, *, confirmed: bool
) -> None:
    try:
        await queries.SET_EMAIL(connection, account_id, address, confirmed)
    except asyncpg.UniqueViolationError:
        raise errors.Conflict(
            "Another account has this e-mail address", code="email_exists"
        ) from None
    # Codes that went to the old address open nothing any more.
    await queries.DELETE_CODES(connection, account_id)


def _other(present: str, email: str) -> str:
    address = emails.normalize(email)
    if address == present:
        raise errors.Invalid("This is the address already", code="email_exists")
    return address


def _recovered(identity: Identity) -> bool:
    """Whether the session shows, instead of the password, that its holder reads the mails."""
    session = identity.session
    return (
        session is not None
        and session.method is Method.RECOVERY
        and datetime.now(UTC) - session.created_at < _RECOVERED
    )
