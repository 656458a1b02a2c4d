"""Queries of accounts, their sessions, factors and tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from supamanager_api import sql
from supamanager_api.accounts.model import (
    AccessTokenRow,
    AccountRow,
    ChallengeRow,
    CliLoginRow,
    CodeRow,
    CountRow,
    CredentialsRow,
    FactorRow,
    FailedCliLoginRow,
    IdRow,
    ListedSessionRow,
    OwnedOrganizationRow,
    PendingRow,
    SessionAccountRow,
    SessionIdRow,
    SessionRow,
    TokenAccountRow,
    TokenStateRow,
)

CREATE_ACCOUNT = sql.Exec[str, str, str]("CreateAccount")
CREATE_CONFIRMED_ACCOUNT = sql.One[IdRow, str, str, str]("CreateConfirmedAccount")
ACCOUNT_BY_EMAIL = sql.One[AccountRow, str]("GetAccountByEmail")
ACCOUNT = sql.One[AccountRow, int]("GetAccountById")
CREDENTIALS_BY_EMAIL = sql.One[CredentialsRow, str]("GetCredentialsByEmail")
CREDENTIALS = sql.One[CredentialsRow, int]("GetCredentialsById")
REPLACE_PASSWORD_HASH = sql.Exec[int, str, str]("ReplacePasswordHash")
SIGNED_IN = sql.One[AccountRow, int]("SetAccountSignedIn")
CONFIRM_EMAIL = sql.Exec[int]("ConfirmAccountEmail")
SET_EMAIL = sql.One[AccountRow, int, str, bool]("SetAccountEmail")
SET_NAMES = sql.One[AccountRow, int, str | None, str | None, str | None]("SetAccountNames")
SET_SECOND_FACTOR = sql.Exec[int]("SetAccountSecondFactor")
LOCK_ACCOUNT = sql.Exec[int]("LockAccount")
LOCK_VERIFIED = sql.One[IdRow, int, str]("LockVerifiedAccount")
DELETE_ACCOUNT = sql.Exec[int]("DeleteAccount")
ACCOUNT_BY_SESSION = sql.One[SessionAccountRow, UUID, int, UUID]("GetAccountBySession")
CREATE_PROFILE = sql.One[AccountRow, int]("CreateProfile")

OWNED_ORGANIZATIONS = sql.Many[OwnedOrganizationRow, int]("LockOrganizationsOfOwner")
OTHER_OWNERS = sql.One[CountRow, int, int]("CountOtherOwners")

CREATE_SESSION = sql.One[SessionRow, int, str, str | None, str | None]("CreateSession")
LOCK_SESSION = sql.One[SessionRow, bytes]("LockSessionByRefreshToken")
REFRESHED = sql.One[AccountRow, UUID]("SetSessionRefreshed")
SET_SESSION_SECOND_FACTOR = sql.One[SessionRow, UUID]("SetSessionSecondFactor")
FORGET_SECOND_FACTOR = sql.Exec[int]("ForgetSecondFactorOfSessions")
FORGET_SECOND_FACTOR_OF_TOKENS = sql.Exec[int]("ForgetSecondFactorOfAccessTokens")
SET_SESSION_METHOD = sql.Exec[UUID, str]("SetSessionMethod")
SESSIONS = sql.Many[ListedSessionRow, int]("ListSessionsOfAccount")
KEEP_SESSION = sql.One[SessionIdRow, UUID]("KeepSession")
DELETE_SESSION = sql.Exec[UUID]("DeleteSession")
DELETE_OWN_SESSION = sql.Exec[UUID, int]("DeleteSessionOfAccount")
DELETE_SESSIONS = sql.Exec[int]("DeleteSessionsOfAccount")
DELETE_OTHER_SESSIONS = sql.Exec[int, UUID]("DeleteOtherSessionsOfAccount")
DELETE_WEAKER_SESSIONS = sql.Exec[int, UUID]("DeleteOtherSessionsWithoutSecondFactor")

CREATE_REFRESH_TOKEN = sql.Exec[bytes, UUID]("CreateRefreshToken")
REFRESH_TOKEN_STATE = sql.One[TokenStateRow, bytes]("GetRefreshTokenState")
USE_REFRESH_TOKEN = sql.Exec[bytes]("UseRefreshToken")
USE_REFRESH_TOKENS = sql.Exec[UUID]("UseRefreshTokensOfSession")

CREATE_LOGIN_AUDIT = sql.Exec[int, UUID, str | None, str | None]("CreateLoginAudit")

CREATE_PENDING = sql.Exec[str, str, bytes, bytes, float]("CreatePendingSignUp")
PENDING = sql.One[PendingRow, str]("GetPendingSignUp")
TAKE_PENDING_BY_CODE = sql.One[PendingRow, str, bytes]("TakePendingSignUpByCode")
TAKE_PENDING_BY_LINK = sql.One[PendingRow, bytes]("TakePendingSignUpByLink")
DELETE_PENDING = sql.Exec[str]("DeletePendingSignUps")

REPLACE_CODE = sql.Exec[int, str, str, bytes, bytes, float]("ReplaceCode")
TAKE_CODE = sql.One[CodeRow, str, str, bytes]("TakeCode")
TAKE_LINK = sql.One[CodeRow, str, bytes]("TakeLink")
DELETE_CODES = sql.Exec[int]("DeleteCodesOfAccount")

CREATE_FACTOR = sql.One[FactorRow, UUID, int, str | None, bytes]("CreateFactor")
FACTOR = sql.One[FactorRow, UUID, int]("GetFactor")
FACTORS = sql.Many[FactorRow, int]("ListFactors")
ACCEPT_STEP = sql.Exec[UUID, int, int]("AcceptFactorStep")
DELETE_FACTOR = sql.Exec[UUID, int]("DeleteFactor")
DELETE_FACTORS = sql.Exec[int]("DeleteFactorsOfAccount")
CREATE_CHALLENGE = sql.One[ChallengeRow, UUID, UUID, float]("CreateChallenge")
CHALLENGE = sql.One[ChallengeRow, UUID, UUID, UUID]("GetChallenge")
DELETE_CHALLENGE = sql.Exec[UUID]("DeleteChallenge")

CREATE_ACCESS_TOKEN = sql.One[AccessTokenRow, int, str, str, bytes, datetime | None, UUID](
    "CreateAccessToken"
)
ACCESS_TOKENS = sql.Many[AccessTokenRow, int, int | None, int | None]("ListAccessTokens")
ACCOUNT_BY_ACCESS_TOKEN = sql.One[TokenAccountRow, bytes]("GetAccountByAccessToken")
ACCESS_TOKEN_USED = sql.Exec[int]("SetAccessTokenUsed")
DELETE_ACCESS_TOKEN = sql.Exec[int, int]("DeleteAccessToken")
REVOKE_ACCESS_TOKEN = sql.Exec[int]("RevokeAccessToken")

CREATE_CLI_LOGIN = sql.Exec[UUID, int, str, str, str, float]("CreateCliLogin")
COLLECT_CLI_LOGIN = sql.One[CliLoginRow, UUID, str]("CollectCliLogin")
FAIL_CLI_LOGIN = sql.One[FailedCliLoginRow, UUID]("FailCliLogin")

EXPIRIES: tuple[sql.Exec[()], ...] = (
    sql.Exec[()]("DeleteIdleSessions"),
    sql.Exec[()]("DeleteOldRefreshTokens"),
    sql.Exec[()]("DeleteOldLoginAudit"),
    sql.Exec[()]("DeleteExpiredSignUps"),
    sql.Exec[()]("DeleteExpiredCodes"),
    sql.Exec[()]("DeleteAbandonedFactors"),
    sql.Exec[()]("DeleteExpiredChallenges"),
    sql.Exec[()]("DeleteExpiredAccessTokens"),
    sql.Exec[()]("DeleteUncollectedAccessTokens"),
    sql.Exec[()]("DeleteExpiredCliLogins"),
)
"""What of accounts is over, in an order in which each finds what it needs."""
