"""Personal access tokens: `sbp_` and 40 hexadecimal digits, for programs of a person."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from supamanager_api import errors
from supamanager_api.accounts import queries, sessions, tokens
from supamanager_api.accounts.model import AccessTokenRow, AccountRow, Identity, Level
from supamanager_api.database import Connection, Database

PREFIX: Final = "sbp_"
_TOKEN: Final = re.compile(r"sbp_[0-9a-f]{40}")
_LONGEST_NAME: Final = 255
_MOST: Final = 200


@dataclass(frozen=True)
class NewToken:
    row: AccessTokenRow
    token: str


class AccessTokens:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, identity: Identity, name: str, *, expires_at: datetime | None
    ) -> NewToken:
        """A token, whose text is kept nowhere. It counts as two factors if the session that asks
        for it has shown them.

        Raises:
            Invalid: the name, or the end, is not one.
            Conflict: there are too many.
            Unauthenticated: the session has ended.
        """
        async with self._database.transaction() as connection:
            return await self.create_in(connection, identity, name, expires_at=expires_at)

    async def create_in(
        self, connection: Connection, identity: Identity, name: str, *, expires_at: datetime | None
    ) -> NewToken:
        """The same in the caller's transaction."""
        name = name.strip()
        if not 0 < len(name) <= _LONGEST_NAME:
            raise errors.Invalid(f"The name must have 1 to {_LONGEST_NAME} characters")
        if expires_at is not None and expires_at.tzinfo is None:
            expires_at = expires_at.replace(tzinfo=UTC)
        if expires_at is not None and expires_at <= datetime.now(UTC):
            raise errors.Invalid("expires_at must be in the future")
        account_id = identity.account.id
        await sessions.hold(connection, identity)
        if len(await queries.ACCESS_TOKENS(connection, account_id, None, None)) >= _MOST:
            raise errors.Conflict(f"An account has at most {_MOST} access tokens; delete one")
        token = PREFIX + secrets.token_hex(20)
        row = await queries.CREATE_ACCESS_TOKEN.certain(
            connection,
            account_id,
            name,
            f"{token[:8]}...{token[-4:]}",
            tokens.fingerprint(token),
            expires_at,
            identity.session_id,
        )
        return NewToken(row, token)

    async def of(
        self, account: AccountRow, *, after: int | None = None, limit: int | None = None
    ) -> list[AccessTokenRow]:
        """The newest first; or some that come after one."""
        async with self._database.acquire() as connection:
            return await queries.ACCESS_TOKENS(connection, account.id, after, limit)

    async def delete(self, account: AccountRow, token_id: int) -> None:
        """
        Raises:
            NotFound: it is none of the account's.
        """
        async with self._database.acquire() as connection:
            if not await queries.DELETE_ACCESS_TOKEN(connection, token_id, account.id):
                raise errors.NotFound("Access token not found")

    async def authenticate(self, token: str) -> Identity:
        """
        Raises:
            Unauthenticated: it is none, or has expired.
        """
        found = None
        if _TOKEN.fullmatch(token):
            async with self._database.acquire() as connection:
                found = await queries.ACCOUNT_BY_ACCESS_TOKEN(connection, tokens.fingerprint(token))
                if found and found.stale:
                    await queries.ACCESS_TOKEN_USED(connection, found.token_id)
        if found is None:
            raise errors.Unauthenticated(
                "The access token is not valid or has expired", code="bad_jwt"
            )
        level = Level.TWO if found.token_second_factor else Level.ONE
        return Identity(found, None, level)
