"""Accounts: signing up, in and out, and the profile."""

from __future__ import annotations

import enum
from typing import Final

from supamanager_api import errors
from supamanager_api.accounts import emails, passwords, queries, tokens
from supamanager_api.accounts.model import AccountRow, Identity, SessionRow, SignedIn
from supamanager_api.database import Connection, Database

_TEXT_LENGTH: Final = 512


class Scope(enum.StrEnum):
    """Which sessions of the account a sign-out ends."""

    GLOBAL = "global"
    LOCAL = "local"
    OTHERS = "others"


class Accounts:
    def __init__(
        self,
        database: Database,
        hasher: passwords.Passwords,
        *,
        signer: tokens.Tokens,
        allow_signup: bool,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._signer = signer
        self.allow_signup = allow_signup

    async def sign_up(self, email: str, password: str) -> None:
        """Make an account. An address that has one changes nothing, takes as long, and is silent.

        Raises:
            Forbidden: sign-up is switched off.
            Invalid: the address or the password.
        """
        if not self.allow_signup:
            raise errors.Forbidden("Sign-up is disabled on this platform", code="signup_disabled")
        address = emails.normalize(email)
        passwords.check(password)
        hashed = await self._hasher.hash(password)
        username = address.partition("@")[0]
        async with self._database.acquire() as connection:
            await queries.CREATE_ACCOUNT(connection, address, hashed, username)

    async def sign_in(self, email: str, password: str) -> SignedIn:
        """A new session.

        Raises:
            Invalid: no account has this address and password; one text for both.
        """
        async with self._database.acquire() as connection:
            found = await queries.CREDENTIALS_BY_EMAIL(connection, _address(email))
        stored = found.password_hash if found else None
        if not await self._hasher.verify(password, stored) or found is None:
            raise errors.Invalid("Invalid login credentials", code="invalid_credentials")
        fresh = None
        if self._hasher.outdated(found.password_hash):
            fresh = await self._hasher.hash(password)
        async with self._database.transaction() as connection:
            if fresh is not None:
                await queries.REPLACE_PASSWORD_HASH(
                    connection, found.id, found.password_hash, fresh
                )
            account = await queries.SIGNED_IN(connection, found.id)
            if account is None:
                raise errors.Invalid("Invalid login credentials", code="invalid_credentials")
            session = await queries.CREATE_SESSION.certain(connection, account.id)
            refresh_token = tokens.first_refresh_token()
            await queries.CREATE_REFRESH_TOKEN(
                connection, tokens.fingerprint(refresh_token), session.id
            )
        return self._signed_in(account, session, refresh_token=refresh_token)

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
        if following is None:
            raise errors.Invalid(
                "Invalid Refresh Token: Already Used", code="refresh_token_already_used"
            )
        return self._signed_in(account, session, refresh_token=following)

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
            account = await queries.ACCOUNT_BY_SESSION(
                connection, claims.session_id, claims.account_id, claims.gotrue_id
            )
        if account is None:
            raise errors.Unauthenticated("The session has ended", code="session_not_found")
        return Identity(account, claims.session_id)

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

    async def create_profile(self, account: AccountRow) -> AccountRow:
        """
        Raises:
            Conflict: there is one.
        """
        async with self._database.acquire() as connection:
            created = await queries.CREATE_PROFILE(connection, account.id)
        if created is None:
            raise errors.Conflict("User's profile already exists")
        return created

    async def record_login(
        self, identity: Identity, *, address: str | None, user_agent: str | None
    ) -> None:
        """Keep from where the account was signed in to."""
        agent = user_agent[:_TEXT_LENGTH].replace("\0", "") if user_agent else None
        async with self._database.acquire() as connection:
            await queries.CREATE_LOGIN_AUDIT(
                connection, identity.account.id, identity.session_id, address, agent
            )

    def _signed_in(
        self, account: AccountRow, session: SessionRow, *, refresh_token: str
    ) -> SignedIn:
        access_token, expires_at = self._signer.issue(account, session)
        return SignedIn(
            account=account,
            access_token=access_token,
            expires_at=expires_at,
            expires_in=int(tokens.LIFETIME.total_seconds()),
            refresh_token=refresh_token,
        )


def _address(email: str) -> str:
    """What to look up: of a text that is no address nothing will be found."""
    try:
        return emails.normalize(email)
    except errors.Invalid:
        return ""
