"""Codes and links from mails, of every kind, in one place: what is tried here is limited."""

from __future__ import annotations

import enum
from typing import Final

from supamanager_api import errors, ratelimits
from supamanager_api.accounts import emails, tokens
from supamanager_api.accounts.changes import Changes
from supamanager_api.accounts.codes import Codes
from supamanager_api.accounts.model import Client, Method, SignedIn
from supamanager_api.accounts.recovery import Recovery
from supamanager_api.accounts.registration import Registration
from supamanager_api.accounts.sessions import Sessions
from supamanager_api.database import Database

_OVER: Final = "Token has expired or is invalid"


class Kind(enum.StrEnum):
    """What a code is for, in auth-js's words."""

    SIGN_UP = "signup"
    EMAIL = "email"
    RECOVERY = "recovery"
    EMAIL_CHANGE = "email_change"


class Verification:
    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        *,
        registration: Registration,
        recovery: Recovery,
        changes: Changes,
        drawer: Codes,
        limits: ratelimits.RateLimits,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._registration = registration
        self._recovery = recovery
        self._changes = changes
        self._drawer = drawer
        self._limits = limits

    async def by_code(self, kind: Kind, email: str, code: str, *, client: Client) -> SignedIn:
        """A session for a mailed code.

        Raises:
            Forbidden: there is no such code, or it is over.
            Conflict: another account took the new address meanwhile.
            TooManyRequests
        """
        address = emails.normalize(email)
        await self._limits.take(
            (ratelimits.CODE_ADDRESS, ratelimits.network(client.address)),
            (ratelimits.CODE_EMAIL, address),
        )
        found: SignedIn | None
        match kind:
            case Kind.SIGN_UP | Kind.EMAIL:
                found = await self._registration.confirm_by_code(address, code, client=client)
            case Kind.RECOVERY:
                found = await self._recovery.open_by_code(address, code, client=client)
            case Kind.EMAIL_CHANGE:
                account_id = await self._changes.confirm_email_by_code(address, code)
                found = None
                if account_id is not None:
                    found = await self._open(account_id, client=client)
        if found is None:
            raise errors.Forbidden(_OVER, code="otp_expired")
        return found

    async def by_link(self, kind: Kind, token: str, *, client: Client) -> SignedIn | None:
        """What a mailed link does. Only a link that resets a password opens a session.

        Raises:
            Forbidden: there is no such link, or it is over.
            Conflict: another account took the new address meanwhile.
            TooManyRequests
        """
        await self._limits.take((ratelimits.CODE_ADDRESS, ratelimits.network(client.address)))
        done: SignedIn | bool | None
        match kind:
            case Kind.SIGN_UP | Kind.EMAIL:
                done = await self._registration.confirm_by_link(tokens.fingerprint(token))
            case Kind.RECOVERY:
                done = await self._recovery.open_by_link(token, client=client)
            case Kind.EMAIL_CHANGE:
                done = await self._changes.confirm_email_by_link(token) is not None
        if not done:
            raise errors.Forbidden(_OVER, code="otp_expired")
        return done if isinstance(done, SignedIn) else None

    def target(self, redirect_to: str | None) -> str:
        """Where a link may lead to in the end."""
        return self._drawer.target(redirect_to)

    async def _open(self, account_id: int, *, client: Client) -> SignedIn:
        async with self._database.transaction() as connection:
            return await self._sessions.open(connection, account_id, Method.CODE, client=client)
