"""Accounts: signing in, and the services of what belongs to an account."""

from __future__ import annotations

from supamanager_api import errors, ratelimits
from supamanager_api.accounts import emails, passwords, queries, sessions, tokens
from supamanager_api.accounts.access_tokens import PREFIX, AccessTokens
from supamanager_api.accounts.changes import Changes
from supamanager_api.accounts.cli_logins import CliLogins
from supamanager_api.accounts.codes import Codes
from supamanager_api.accounts.factors import Factors
from supamanager_api.accounts.model import (
    AccountRow,
    Client,
    CredentialsRow,
    Identity,
    Method,
    SignedIn,
)
from supamanager_api.accounts.recovery import Recovery
from supamanager_api.accounts.registration import Registration
from supamanager_api.accounts.sessions import Sessions, printable
from supamanager_api.accounts.verification import Verification
from supamanager_api.database import Database
from supamanager_api.mails.service import Mails
from supamanager_api.settings import Settings


class Accounts:
    def __init__(
        self,
        database: Database,
        hasher: passwords.Passwords,
        *,
        settings: Settings,
        mails: Mails,
        limits: ratelimits.RateLimits,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._limits = limits
        secret = settings.encryption_secret.get_secret_value()
        drawer = Codes(
            secret, api_url=settings.api_external_url, studio_url=settings.domain_studio_url
        )
        self.sessions = Sessions(database, tokens.Tokens(settings.jwt_secret.get_secret_value()))
        self.registration = Registration(
            database,
            hasher,
            self.sessions,
            mails=mails,
            drawer=drawer,
            limits=limits,
            allowed=settings.allow_signup,
            confirmation=mails.enabled and not settings.mailer_autoconfirm,
        )
        self.recovery = Recovery(database, self.sessions, mails=mails, drawer=drawer, limits=limits)
        self.changes = Changes(database, hasher, mails=mails, drawer=drawer, limits=limits)
        self.verification = Verification(
            database,
            self.sessions,
            registration=self.registration,
            recovery=self.recovery,
            changes=self.changes,
            drawer=drawer,
            limits=limits,
        )
        self.factors = Factors(database, self.sessions, mails=mails, secret=secret, limits=limits)
        self.access_tokens = AccessTokens(database)
        self.cli_logins = CliLogins(database, self.access_tokens, limits=limits)

    async def sign_in(self, email: str, password: str, *, client: Client) -> SignedIn:
        """A new session.

        Raises:
            Invalid: no account has this address and password, one text for both; or the address
                is not confirmed yet, which only the right password is told.
            TooManyRequests
        """
        address = _address(email)
        network = ratelimits.network(client.address)
        claims = (
            (ratelimits.SIGN_IN_ADDRESS, network),
            (ratelimits.SIGN_IN, f"{address} {network}"),
            (ratelimits.SIGN_IN_EMAIL, address),
        )
        await self._limits.take(*claims)
        signed_in = None
        while signed_in is None:
            found = await self._verified(address, password)
            signed_in = await self._open(found, password, client=client)
        await self._limits.give_back(*claims)
        return signed_in

    async def _verified(self, address: str, password: str) -> CredentialsRow:
        """The account of this address and password.

        Raises:
            Invalid: as `sign_in`.
        """
        pending = None
        async with self._database.acquire() as connection:
            found = await queries.CREDENTIALS_BY_EMAIL(connection, address)
            if found is None:
                pending = await queries.PENDING(connection, address)
        kept = found or pending
        right = await self._hasher.verify(password, kept.password_hash if kept else None)
        if not right or found is None:
            if right and pending:
                raise errors.Invalid("Email not confirmed", code="email_not_confirmed")
            raise errors.Invalid("Invalid login credentials", code="invalid_credentials")
        return found

    async def _open(
        self, found: CredentialsRow, password: str, *, client: Client
    ) -> SignedIn | None:
        """A new session; None: since it was verified, the account has got another hash, be it of
        another password, or of the same one at another sign-in."""
        fresh = None
        if self._hasher.outdated(found.password_hash):
            fresh = await self._hasher.hash(password)
        async with self._database.transaction() as connection:
            if await queries.LOCK_VERIFIED(connection, found.id, found.password_hash) is None:
                return None
            if fresh is not None:
                await queries.REPLACE_PASSWORD_HASH(
                    connection, found.id, found.password_hash, fresh
                )
            return await self.sessions.open(connection, found.id, Method.PASSWORD, client=client)

    async def authenticate(self, token: str) -> Identity:
        """
        Raises:
            Unauthenticated: the token of a session or of a person is not valid, or is over.
        """
        if token.startswith(PREFIX):
            return await self.access_tokens.authenticate(token)
        return await self.sessions.authenticate(token)

    async def refreshed(self, identity: Identity) -> AccountRow:
        """The account as it is after a change.

        Raises:
            Unauthenticated: it was deleted.
        """
        async with self._database.acquire() as connection:
            account = await queries.ACCOUNT(connection, identity.account.id)
        if account is None:
            raise errors.Unauthenticated("The session has ended", code="session_not_found")
        return account

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

    async def rename(
        self,
        account: AccountRow,
        *,
        username: str | None,
        first_name: str | None,
        last_name: str | None,
    ) -> AccountRow:
        """Names that are None stay as they are."""
        async with self._database.acquire() as connection:
            changed = await queries.SET_NAMES(
                connection, account.id, username, first_name, last_name
            )
        if changed is None:
            raise errors.Unauthenticated("The session has ended", code="session_not_found")
        return changed

    async def delete(self, identity: Identity) -> None:
        """The account with its sessions, factors and tokens.

        Raises:
            Conflict: it is the only owner of an organization.
            Unauthenticated: the session has ended.
        """
        account = identity.account
        async with self._database.transaction() as connection:
            # From here on the account becomes the owner of nothing else.
            await sessions.hold(connection, identity)
            left = [
                organization.name
                for organization in await queries.OWNED_ORGANIZATIONS(connection, account.id)
                if not (
                    await queries.OTHER_OWNERS.certain(
                        connection, organization.organization_id, account.id
                    )
                ).count
            ]
            if left:
                raise errors.Conflict(
                    f"You are the only owner of {', '.join(left)}: delete what you own alone, with "
                    "its projects, or make somebody else its owner first"
                )
            await queries.DELETE_ACCOUNT(connection, account.id)

    async def record_login(self, identity: Identity, *, client: Client) -> None:
        """Keep from where the account was signed in to."""
        async with self._database.acquire() as connection:
            await queries.CREATE_LOGIN_AUDIT(
                connection,
                identity.account.id,
                identity.session_id,
                client.address,
                printable(client.user_agent),
            )


def _address(email: str) -> str:
    """What to look up: of a text that is no address nothing will be found."""
    try:
        return emails.normalize(email)
    except errors.Invalid:
        return ""
