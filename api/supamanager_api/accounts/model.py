"""Rows and values of accounts."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class AccountRow:
    id: int
    gotrue_id: UUID
    email: str
    username: str
    first_name: str | None
    last_name: str | None
    created_at: datetime
    updated_at: datetime
    email_confirmed_at: datetime | None
    last_sign_in_at: datetime | None
    profile_created_at: datetime | None
    second_factor: bool


@dataclass(frozen=True)
class SessionAccountRow(AccountRow):
    session_created_at: datetime
    method: str
    second_factor_at: datetime | None


@dataclass(frozen=True)
class TokenAccountRow(AccountRow):
    token_id: int
    token_second_factor: bool
    stale: bool


@dataclass(frozen=True)
class CredentialsRow:
    id: int
    password_hash: str


@dataclass(frozen=True)
class IdRow:
    id: int


@dataclass(frozen=True)
class SessionIdRow:
    id: UUID


class Method(enum.StrEnum):
    """How a session began."""

    PASSWORD = "password"  # noqa: S105
    RECOVERY = "recovery"
    CODE = "otp"


class Level(enum.StrEnum):
    """How sure it is who somebody is: by one factor or by two."""

    ONE = "aal1"
    TWO = "aal2"


@dataclass(frozen=True)
class SessionRow:
    id: UUID
    account_id: int
    created_at: datetime
    method: Method
    second_factor_at: datetime | None

    @property
    def level(self) -> Level:
        return Level.TWO if self.second_factor_at else Level.ONE


@dataclass(frozen=True)
class ListedSessionRow:
    id: UUID
    created_at: datetime
    refreshed_at: datetime | None
    method: Method
    second_factor_at: datetime | None
    address: str | None
    user_agent: str | None


@dataclass(frozen=True)
class TokenStateRow:
    used: bool
    used_recently: bool


@dataclass(frozen=True)
class PendingRow:
    """A sign-up whose address is not confirmed."""

    id: int
    email: str
    password_hash: str


@dataclass(frozen=True)
class CodeRow:
    account_id: int
    email: str


@dataclass(frozen=True)
class FactorRow:
    id: UUID
    account_id: int
    friendly_name: str | None
    sealed: bytes
    created_at: datetime
    updated_at: datetime
    verified_at: datetime | None


@dataclass(frozen=True)
class ChallengeRow:
    id: UUID
    expires_at: datetime


@dataclass(frozen=True)
class AccessTokenRow:
    id: int
    name: str
    alias: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class CliLoginRow:
    id: UUID
    ciphertext: str
    public_key: str
    nonce: str
    created_at: datetime


@dataclass(frozen=True)
class FailedCliLoginRow:
    access_token_id: int
    failures: int


@dataclass(frozen=True)
class OwnedOrganizationRow:
    organization_id: int
    name: str


@dataclass(frozen=True)
class CountRow:
    count: int


@dataclass(frozen=True)
class Client:
    """From where a request comes, as far as it can be told."""

    address: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True)
class Identity:
    """Who sent a request: an account, in one of its sessions or with a personal token.

    A personal token has the level that the session had in which it was made.
    """

    account: AccountRow
    session: SessionRow | None
    level: Level

    @property
    def session_id(self) -> UUID:
        assert self.session is not None, "the route is for sessions"
        return self.session.id


@dataclass(frozen=True)
class SignedIn:
    """A new pair of tokens; `expires_at` is the access token's."""

    account: AccountRow
    factors: tuple[FactorRow, ...]
    access_token: str
    expires_at: datetime
    expires_in: int
    refresh_token: str
