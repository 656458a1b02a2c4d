"""Second factors: generators of codes (TOTP)."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from supamanager_api import errors, ratelimits, sealing
from supamanager_api.accounts import emails, queries, sessions, totp
from supamanager_api.accounts.model import ChallengeRow, FactorRow, Identity, SignedIn
from supamanager_api.accounts.sessions import Sessions
from supamanager_api.database import Database
from supamanager_api.mails.model import Kind
from supamanager_api.mails.service import Mails

_MOST: Final = 10
_CHALLENGE_SECONDS: Final = 300.0
_UNKNOWN: Final = "MFA factor not found"


@dataclass(frozen=True)
class Enrolled:
    """A new factor, with what only its owner is shown, and only now."""

    factor: FactorRow
    secret: str
    uri: str


class Factors:
    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        *,
        mails: Mails,
        secret: str,
        limits: ratelimits.RateLimits,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._mails = mails
        self._sealer = sealing.Sealer(secret, use="factors")
        self._limits = limits

    async def of(self, account_id: int) -> tuple[FactorRow, ...]:
        async with self._database.acquire() as connection:
            return tuple(await queries.FACTORS(connection, account_id))

    async def enrol(self, identity: Identity, *, name: str | None, issuer: str) -> Enrolled:
        """A factor that counts once it was verified.

        Raises:
            Unprocessable: there are too many, or one of this name.
            Unauthenticated: the session has ended.
        """
        account = identity.account
        factor_id = uuid.uuid4()
        secret = totp.new_secret()
        sealed = self._sealer.seal(secret, purpose=str(factor_id))
        async with self._database.transaction() as connection:
            await sessions.hold(connection, identity)
            present = await queries.FACTORS(connection, account.id)
            if len(present) >= _MOST:
                raise errors.Unprocessable(
                    "The account has as many factors as it may have",
                    code="too_many_enrolled_mfa_factors",
                )
            if name and name in {factor.friendly_name for factor in present}:
                raise errors.Unprocessable(
                    f'A factor with the friendly name "{name}" for this user already exists',
                    code="mfa_factor_name_conflict",
                )
            factor = await queries.CREATE_FACTOR.certain(
                connection, factor_id, account.id, name or None, sealed
            )
        return Enrolled(factor, secret, totp.uri(secret, issuer=issuer, account=account.email))

    async def challenge(self, identity: Identity, factor_id: UUID) -> ChallengeRow:
        """What the next code of the factor is sent with; it holds for five minutes.

        Raises:
            NotFound: it is none of the account's.
        """
        async with self._database.transaction() as connection:
            if await queries.FACTOR(connection, factor_id, identity.account.id) is None:
                raise errors.NotFound(_UNKNOWN, code="mfa_factor_not_found")
            return await queries.CREATE_CHALLENGE.certain(
                connection, factor_id, identity.session_id, _CHALLENGE_SECONDS
            )

    async def verify(
        self, identity: Identity, factor_id: UUID, *, challenge_id: UUID, code: str
    ) -> SignedIn:
        """The session goes on with two factors, and with new tokens. The account's first verified
        factor ends its other sessions, and shuts its earlier personal tokens out: they have shown
        one factor only.

        Raises:
            NotFound: the factor is none of the account's.
            Unprocessable: the challenge is over, or the code is wrong or was used before.
            TooManyRequests
        """
        account = identity.account
        claim = (ratelimits.FACTOR, str(account.id))
        async with self._database.acquire() as connection:
            factor = await queries.FACTOR(connection, factor_id, account.id)
            challenge = await queries.CHALLENGE(
                connection, challenge_id, factor_id, identity.session_id
            )
        if factor is None:
            raise errors.NotFound(_UNKNOWN, code="mfa_factor_not_found")
        if challenge is None:
            raise errors.Unprocessable(
                "MFA challenge has expired, verify against another challenge or create a new one.",
                code="mfa_challenge_expired",
            )
        await self._limits.take(claim)
        step = totp.matching_step(self._secret(factor), code, now=time.time())
        signed_in = None
        if step is not None:
            signed_in = await self._accept(identity, factor_id, challenge.id, step=step)
        if signed_in is None:
            raise errors.Unprocessable("Invalid TOTP code entered", code="mfa_verification_failed")
        await self._limits.give_back(claim)
        return signed_in

    async def _accept(
        self, identity: Identity, factor_id: UUID, challenge_id: UUID, *, step: int
    ) -> SignedIn | None:
        """None: the code, or the challenge, was used by another request."""
        account_id = identity.account.id
        async with self._database.transaction() as connection:
            await queries.LOCK_ACCOUNT(connection, account_id)
            if not await queries.DELETE_CHALLENGE(connection, challenge_id):
                return None
            if not await queries.ACCEPT_STEP(connection, factor_id, account_id, step):
                return None
            session = await queries.SET_SESSION_SECOND_FACTOR(connection, identity.session_id)
            if session is None:
                return None
            await queries.SET_SECOND_FACTOR(connection, account_id)
            await queries.DELETE_WEAKER_SESSIONS(connection, account_id, session.id)
            # A refresh token that was stolen before must not lead to two factors. Tabs that hold
            # it are answered for some seconds, as at every refresh.
            await queries.USE_REFRESH_TOKENS(connection, session.id)
            account = await queries.REFRESHED.certain(connection, session.id)
            return await self._sessions.continued(connection, account, session)

    async def remove(self, identity: Identity, factor_id: UUID) -> None:
        """
        Raises:
            NotFound: it is none of the account's.
            Unauthenticated: the session has ended.
        """
        account_id = identity.account.id
        async with self._database.transaction() as connection:
            await sessions.hold(connection, identity)
            if not await queries.DELETE_FACTOR(connection, factor_id, account_id):
                raise errors.NotFound(_UNKNOWN, code="mfa_factor_not_found")
            await queries.SET_SECOND_FACTOR(connection, account_id)
            account = await queries.ACCOUNT.certain(connection, account_id)
            if not account.second_factor:
                await queries.FORGET_SECOND_FACTOR(connection, account_id)
                await queries.FORGET_SECOND_FACTOR_OF_TOKENS(connection, account_id)

    async def take_away(self, email: str) -> int:
        """Remove all factors of an account whose owner lost them, and end its sessions; how many.

        Raises:
            NotFound: there is no such account, or it has none.
        """
        async with self._database.transaction() as connection:
            account = await queries.ACCOUNT_BY_EMAIL(connection, emails.normalize(email))
            if account is None:
                raise errors.NotFound("No account has this address")
            await queries.LOCK_ACCOUNT(connection, account.id)
            removed = await queries.DELETE_FACTORS(connection, account.id)
            if not removed:
                raise errors.NotFound("The account has no second factor")
            await queries.SET_SECOND_FACTOR(connection, account.id)
            await queries.FORGET_SECOND_FACTOR_OF_TOKENS(connection, account.id)
            await queries.DELETE_SESSIONS(connection, account.id)
            if self._mails.enabled:
                await self._mails.enqueue(connection, account.email, Kind.FACTORS_REMOVED)
        return removed

    def _secret(self, factor: FactorRow) -> str:
        try:
            return self._sealer.open(factor.sealed, purpose=str(factor.id))
        except sealing.Unreadable:
            raise errors.Unprocessable(
                "This factor cannot be read any more: ask the administrators of the platform",
                code="mfa_verification_failed",
            ) from None
