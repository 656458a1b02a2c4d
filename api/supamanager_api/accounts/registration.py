"""Signing up. With mails, an account is made when its address is confirmed, not before."""

from __future__ import annotations

from supamanager_api import errors, ratelimits
from supamanager_api.accounts import codemail, codes, emails, passwords, queries
from supamanager_api.accounts.model import Client, Method, PendingRow, SignedIn
from supamanager_api.accounts.sessions import Sessions
from supamanager_api.database import Connection, Database
from supamanager_api.mails.model import Kind
from supamanager_api.mails.service import Mails

LINK_TYPE = "signup"


class Registration:
    """`confirmation` is whether an address is confirmed before there is an account."""

    def __init__(
        self,
        database: Database,
        hasher: passwords.Passwords,
        sessions: Sessions,
        *,
        mails: Mails,
        drawer: codes.Codes,
        limits: ratelimits.RateLimits,
        allowed: bool,
        confirmation: bool,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._sessions = sessions
        self._mails = mails
        self._drawer = drawer
        self._limits = limits
        self.allowed = allowed
        self.confirmation = confirmation

    async def sign_up(
        self, email: str, password: str, *, client: Client, redirect_to: str | None
    ) -> None:
        """Make an account, or mail what makes one.

        An address that has an account changes nothing, takes as long, and is silent; its owner is
        told by mail.

        Raises:
            Forbidden: sign-up is switched off.
            Invalid: the address or the password.
            TooManyRequests
        """
        if not self.allowed:
            raise errors.Forbidden("Sign-up is disabled on this platform", code="signup_disabled")
        address = emails.normalize(email)
        passwords.check(password)
        network = ratelimits.network(client.address)
        await self._limits.take((ratelimits.SIGN_UP_ADDRESS, network))
        if self._mails.enabled:
            await self._limits.take((ratelimits.MAIL_EMAIL, address))
        hashed = await self._hasher.hash(password)
        async with self._database.transaction() as connection:
            if self.confirmation:
                await self._ask(connection, address, hashed, redirect_to=redirect_to)
            elif not await queries.CREATE_ACCOUNT(connection, address, hashed, _name(address)):
                await self._tell_owner(connection, address)

    async def _ask(
        self, connection: Connection, address: str, hashed: str, *, redirect_to: str | None
    ) -> None:
        drawn = self._drawer.draw(address)
        if await queries.ACCOUNT_BY_EMAIL(connection, address):
            await self._tell_owner(connection, address)
            return
        await queries.CREATE_PENDING(
            connection, address, hashed, drawn.code_hash, drawn.link_hash, codes.SECONDS
        )
        await self._mails.enqueue(
            connection,
            address,
            Kind.CONFIRM_SIGN_UP,
            code=drawn.code,
            link=self._drawer.link(drawn, LINK_TYPE, redirect_to=redirect_to),
            validity=codes.VALIDITY,
        )

    async def _tell_owner(self, connection: Connection, address: str) -> None:
        if self._mails.enabled:
            await self._mails.enqueue(connection, address, Kind.ADDRESS_TAKEN)

    async def resend(self, email: str, *, client: Client, redirect_to: str | None) -> None:
        """Mail the newest sign-up of the address again; also what confirms an account that was
        made without a confirmation. Silent about addresses that have neither.

        Raises:
            Unprocessable: this platform sends no mails.
            TooManyRequests
        """
        self._mails.require()
        address = emails.normalize(email)
        await self._limits.take(
            (ratelimits.MAIL_ADDRESS, ratelimits.network(client.address)),
            (ratelimits.MAIL_EMAIL, address),
        )
        async with self._database.transaction() as connection:
            account = await queries.ACCOUNT_BY_EMAIL(connection, address)
            if account is None:
                pending = await queries.PENDING(connection, address)
                if pending:
                    await self._ask(
                        connection, address, pending.password_hash, redirect_to=redirect_to
                    )
            elif account.email_confirmed_at is None:
                drawn = self._drawer.draw(address)
                await codemail.send(
                    connection,
                    self._mails,
                    Kind.CONFIRM_ADDRESS,
                    account_id=account.id,
                    purpose="confirmation",
                    address=address,
                    drawn=drawn,
                    link=self._drawer.link(drawn, LINK_TYPE, redirect_to=redirect_to),
                )

    async def confirm_by_code(self, email: str, code: str, *, client: Client) -> SignedIn | None:
        """A session of the account that the code confirms; None: there is no such code."""
        hashed = self._drawer.hash(email, code)
        async with self._database.transaction() as connection:
            pending = await queries.TAKE_PENDING_BY_CODE(connection, email, hashed)
            if pending:
                account_id = await self._create(connection, pending)
            else:
                row = await queries.TAKE_CODE(connection, "confirmation", email, hashed)
                account_id = row.account_id if row else None
                if account_id is not None:
                    await queries.CONFIRM_EMAIL(connection, account_id)
            if account_id is None:
                return None
            return await self._sessions.open(connection, account_id, Method.CODE, client=client)

    async def confirm_by_link(self, link_hash: bytes) -> bool:
        """Whether the link confirmed anything. It opens no session: programs that read mail
        follow links too."""
        async with self._database.transaction() as connection:
            pending = await queries.TAKE_PENDING_BY_LINK(connection, link_hash)
            if pending:
                return await self._create(connection, pending) is not None
            row = await queries.TAKE_LINK(connection, "confirmation", link_hash)
            if row:
                await queries.CONFIRM_EMAIL(connection, row.account_id)
            return row is not None

    async def _create(self, connection: Connection, pending: PendingRow) -> int | None:
        """None: another of its sign-ups was confirmed first."""
        made = await queries.CREATE_CONFIRMED_ACCOUNT(
            connection, pending.email, pending.password_hash, _name(pending.email)
        )
        await queries.DELETE_PENDING(connection, pending.email)
        return made.id if made else None


def _name(address: str) -> str:
    return address.partition("@")[0]
