"""A forgotten password: a mailed code opens a session, in which a new one can be set."""

from __future__ import annotations

from supamanager_api import ratelimits
from supamanager_api.accounts import codemail, codes, emails, queries, tokens
from supamanager_api.accounts.model import Client, CodeRow, Method, SignedIn
from supamanager_api.accounts.sessions import Sessions
from supamanager_api.database import Connection, Database
from supamanager_api.mails.model import Kind
from supamanager_api.mails.service import Mails

PURPOSE = "recovery"
LINK_TYPE = "recovery"


class Recovery:
    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        *,
        mails: Mails,
        drawer: codes.Codes,
        limits: ratelimits.RateLimits,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._mails = mails
        self._drawer = drawer
        self._limits = limits

    async def request(self, email: str, *, client: Client, redirect_to: str | None) -> None:
        """Mail a code. An address without an account is silent.

        Raises:
            Unprocessable: this platform sends no mails.
            Invalid: it is no address.
            TooManyRequests
        """
        self._mails.require()
        address = emails.normalize(email)
        await self._limits.take(
            (ratelimits.MAIL_ADDRESS, ratelimits.network(client.address)),
            (ratelimits.MAIL_EMAIL, address),
        )
        drawn = self._drawer.draw(address)
        async with self._database.transaction() as connection:
            account = await queries.ACCOUNT_BY_EMAIL(connection, address)
            if account is None:
                return
            await codemail.send(
                connection,
                self._mails,
                Kind.RECOVERY,
                account_id=account.id,
                purpose=PURPOSE,
                address=address,
                drawn=drawn,
                link=self._drawer.link(drawn, LINK_TYPE, redirect_to=redirect_to),
            )

    async def open_by_code(self, email: str, code: str, *, client: Client) -> SignedIn | None:
        async with self._database.transaction() as connection:
            row = await queries.TAKE_CODE(
                connection, PURPOSE, email, self._drawer.hash(email, code)
            )
            return await self._open(connection, row, client=client)

    async def open_by_link(self, token: str, *, client: Client) -> SignedIn | None:
        async with self._database.transaction() as connection:
            row = await queries.TAKE_LINK(connection, PURPOSE, tokens.fingerprint(token))
            return await self._open(connection, row, client=client)

    async def _open(
        self, connection: Connection, row: CodeRow | None, *, client: Client
    ) -> SignedIn | None:
        if row is None:
            return None
        # Whoever has the code has read the mail.
        await queries.CONFIRM_EMAIL(connection, row.account_id)
        return await self._sessions.open(connection, row.account_id, Method.RECOVERY, client=client)
