"""Shapes of the GoTrue dialect."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel

from supamanager_api.accounts.model import AccountRow, FactorRow, SignedIn
from supamanager_api.accounts.verification import Kind
from supamanager_api.http.bodies import Body, Email, Line, Text

BEARER: Final = "bearer"


class PasswordGrant(Body):
    email: Email
    password: Text


class RefreshGrant(Body):
    refresh_token: Text


class UserUpdate(Body):
    password: Text | None = None
    current_password: Text | None = None
    email: Text | None = None


class Address(Body):
    email: Email


class Resend(Address):
    type: Literal["signup"]


class CodeOfEmail(Body):
    type: Kind
    email: Email
    token: Text


class TokenOfLink(Body):
    type: Kind
    token_hash: Text


class Enrol(Body):
    factor_type: Literal["totp"]
    friendly_name: Line | None = None
    issuer: Line | None = None


class FactorCode(Body):
    challenge_id: UUID
    code: Text


class TotpOut(BaseModel):
    """`qr_code` is an SVG document."""

    qr_code: str
    secret: str
    uri: str


class EnrolledOut(BaseModel):
    id: UUID
    type: Literal["totp"]
    friendly_name: str
    totp: TotpOut


class ChallengeOut(BaseModel):
    id: UUID
    type: Literal["totp"]
    expires_at: int


class FactorOut(BaseModel):
    id: UUID
    friendly_name: str
    factor_type: Literal["totp"]
    status: Literal["verified", "unverified"]
    created_at: datetime
    updated_at: datetime


class IdentityOut(BaseModel):
    id: UUID
    identity_id: UUID
    user_id: UUID
    provider: Literal["email"]
    identity_data: dict[str, Any]
    email: str
    created_at: datetime
    updated_at: datetime
    last_sign_in_at: datetime | None


class UserOut(BaseModel):
    id: UUID
    aud: Literal["authenticated"]
    role: Literal["authenticated"]
    email: str
    email_confirmed_at: datetime | None
    confirmed_at: datetime | None
    last_sign_in_at: datetime | None
    phone: str
    app_metadata: dict[str, Any]
    user_metadata: dict[str, Any]
    identities: list[IdentityOut]
    factors: list[FactorOut]
    is_anonymous: bool
    created_at: datetime
    updated_at: datetime


class SessionOut(BaseModel):
    access_token: str
    token_type: Literal["bearer"]
    expires_in: int
    expires_at: int
    refresh_token: str
    user: UserOut


def session(signed_in: SignedIn) -> SessionOut:
    return SessionOut(
        access_token=signed_in.access_token,
        token_type=BEARER,
        expires_in=signed_in.expires_in,
        expires_at=int(signed_in.expires_at.timestamp()),
        refresh_token=signed_in.refresh_token,
        user=user(signed_in.account, signed_in.factors),
    )


def user(account: AccountRow, factors: Iterable[FactorRow]) -> UserOut:
    """An account has one identity: its e-mail address."""
    confirmed = account.email_confirmed_at is not None
    identity = IdentityOut(
        id=account.gotrue_id,
        identity_id=account.gotrue_id,
        user_id=account.gotrue_id,
        provider="email",
        identity_data={
            "sub": str(account.gotrue_id),
            "email": account.email,
            "email_verified": confirmed,
            "phone_verified": False,
        },
        email=account.email,
        created_at=account.created_at,
        updated_at=account.updated_at,
        last_sign_in_at=account.last_sign_in_at,
    )
    return UserOut(
        id=account.gotrue_id,
        aud="authenticated",
        role="authenticated",
        email=account.email,
        email_confirmed_at=account.email_confirmed_at,
        confirmed_at=account.email_confirmed_at,
        last_sign_in_at=account.last_sign_in_at,
        phone="",
        app_metadata={"provider": "email", "providers": ["email"]},
        user_metadata={},
        identities=[identity],
        factors=[_factor(factor) for factor in factors],
        is_anonymous=False,
        created_at=account.created_at,
        updated_at=account.updated_at,
    )


def _factor(row: FactorRow) -> FactorOut:
    return FactorOut(
        id=row.id,
        friendly_name=row.friendly_name or "",
        factor_type="totp",
        status="verified" if row.verified_at else "unverified",
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
