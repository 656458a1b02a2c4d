"""Sessions: opened, refreshed, ended."""

from __future__ import annotations

import enum
from typing import Final
from uuid import UUID

from supamanager_api import errors
from supamanager_api.accounts import queries, tokens
from supamanager_api.accounts.model import (
    AccountRow,
    Client,
    Identity,
    ListedSessionRow,
    Method,
    SessionRow,
    SignedIn,
)
from supamanager_api.database import Connection, Database

_TEXT_LENGTH: Final = 512


class Scope(enum.StrEnum):
    """Which sessions of the account a sign-out ends."""

    GLOBAL = "global"
    LOCAL = "local"
    OTHERS = "others"


class Sessions:
    def __init__(self, database: Database, signer: tokens.Tokens) -> None:
        self._database = database
        self._signer = signer

    async def open(
        self, connection: Connection, account_id: int, method: Method, *, client: Client
    ) -> SignedIn:
        """A new session, in the caller's transaction.

        Raises:
            Invalid: the account was deleted meanwhile.
        """
        account = await queries.SIGNED_IN(connection, account_id)
        if account is None:
            raise errors.Invalid("Invalid login credentials", code="invalid_credentials")
        session = await queries.CREATE_SESSION.certain(
            connection, account.id, method, client.address, printable(client.user_agent)
        )
        return await self.continued(connection, account, session)

    async def continued(
        self, connection: Connection, account: AccountRow, session: SessionRow
    ) -> SignedIn:
        """A pair of tokens that does not follow from another one."""
        refresh_token = tokens.first_refresh_token()
        await queries.CREATE_REFRESH_TOKEN(
            connection, tokens.fingerprint(refresh_token), session.id
        )
        return await self._signed_in(connection, account, session, refresh_token=refresh_token)

    async def refresh(self, refresh_token: str) -> SignedIn:
        """The session's next pair of tokens.

        A token that was used before is answered for 10 seconds with what it led to. Later it is
        taken as stolen: the session ends.

        Raises:
            Invalid: no session has this token.
        """
        async with self._database.transaction() as connection:
            session = await queries.LOCK_SESSION(connection, tokens.fingerprint(refresh_token))
            if session is None:
                raise errors.Invalid(
                    "Invalid Refresh Token: Refresh Token Not Found", code="refresh_token_not_found"
                )
            following = await self._advance(connection, session, refresh_token=refresh_token)
            if following is None:
                await queries.DELETE_SESSION(connection, session.id)
            else:
                account = await queries.REFRESHED.certain(connection, session.id)
                return await self._signed_in(connection, account, session, refresh_token=following)
        raise errors.Invalid(
            "Invalid Refresh Token: Already Used", code="refresh_token_already_used"
        )

    async def _advance(
        self, connection: Connection, session: SessionRow, *, refresh_token: str
    ) -> str | None:
        """The token to hand out; None when the given one was used too long ago."""
        given = tokens.fingerprint(refresh_token)
        state = await queries.REFRESH_TOKEN_STATE(connection, given)
        if state is None or (state.used and not state.used_recently):
            return None
        await queries.USE_REFRESH_TOKEN(connection, given)
        following = self._signer.successor(refresh_token)
        while True:
            state = await queries.REFRESH_TOKEN_STATE(connection, tokens.fingerprint(following))
            if state is None:
                await queries.CREATE_REFRESH_TOKEN(
                    connection, tokens.fingerprint(following), session.id
                )
                return following
            if not state.used:
                return following
            following = self._signer.successor(following)

    async def authenticate(self, access_token: str) -> Identity:
        """
        Raises:
            Unauthenticated: the token is not valid, or its session is over.
        """
        claims = self._signer.verify(access_token)
        async with self._database.acquire() as connection:
            found = await queries.ACCOUNT_BY_SESSION(
                connection, claims.session_id, claims.account_id, claims.gotrue_id
            )
        if found is None:
            raise errors.Unauthenticated("The session has ended", code="session_not_found")
        session = SessionRow(
            id=claims.session_id,
            account_id=found.id,
            created_at=found.session_created_at,
            method=Method(found.method),
            second_factor_at=found.second_factor_at,
        )
        return Identity(found, session, session.level)

    async def sign_out(self, identity: Identity, scope: Scope) -> None:
        async with self._database.acquire() as connection:
            match scope:
                case Scope.GLOBAL:
                    await queries.DELETE_SESSIONS(connection, identity.account.id)
                case Scope.LOCAL:
                    await queries.DELETE_SESSION(connection, identity.session_id)
                case Scope.OTHERS:
                    await queries.DELETE_OTHER_SESSIONS(
                        connection, identity.account.id, identity.session_id
                    )

    async def of(self, account: AccountRow) -> list[ListedSessionRow]:
        async with self._database.acquire() as connection:
            return await queries.SESSIONS(connection, account.id)

    async def end(self, account: AccountRow, session_id: UUID) -> None:
        """
        Raises:
            NotFound: it is none of the account's.
        """
        async with self._database.acquire() as connection:
            if not await queries.DELETE_OWN_SESSION(connection, session_id, account.id):
                raise errors.NotFound("Session not found")

    async def _signed_in(
        self,
        connection: Connection,
        account: AccountRow,
        session: SessionRow,
        *,
        refresh_token: str,
    ) -> SignedIn:
        factors = await queries.FACTORS(connection, account.id)
        access_token, expires_at = self._signer.issue(account, session)
        return SignedIn(
            account=account,
            factors=tuple(factors),
            access_token=access_token,
            expires_at=expires_at,
            expires_in=int(tokens.LIFETIME.total_seconds()),
            refresh_token=refresh_token,
        )


async def hold(connection: Connection, identity: Identity) -> None:
    """Lock the account, and keep the session until the transaction ends: what ends it has done so
    before, or waits.

    Raises:
        Unauthenticated: it has ended since the request was let through.
    """
    await queries.LOCK_ACCOUNT(connection, identity.account.id)
    if await queries.KEEP_SESSION(connection, identity.session_id) is None:
        raise errors.Unauthenticated("The session has ended", code="session_not_found")


def printable(text: str | None) -> str | None:
    """What is kept of a header that people see later."""
    return text[:_TEXT_LENGTH].replace("\0", "") if text else None
