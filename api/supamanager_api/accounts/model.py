"""Rows and values of accounts."""

from __future__ import annotations

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


@dataclass(frozen=True)
class CredentialsRow:
    id: int
    password_hash: str


@dataclass(frozen=True)
class SessionRow:
    id: UUID
    account_id: int
    created_at: datetime


@dataclass(frozen=True)
class TokenStateRow:
    used: bool
    used_recently: bool


@dataclass(frozen=True)
class Identity:
    """Who sent a request: an account in one of its sessions."""

    account: AccountRow
    session_id: UUID


@dataclass(frozen=True)
class SignedIn:
    """A new pair of tokens; `expires_at` is the access token's."""

    account: AccountRow
    access_token: str
    expires_at: datetime
    expires_in: int
    refresh_token: str
