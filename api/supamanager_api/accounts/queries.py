"""Queries of accounts and their sessions."""

from __future__ import annotations

from uuid import UUID

from supamanager_api import sql
from supamanager_api.accounts.model import AccountRow, CredentialsRow, SessionRow, TokenStateRow

CREATE_ACCOUNT = sql.Exec[str, str, str]("CreateAccount")
CREDENTIALS_BY_EMAIL = sql.One[CredentialsRow, str]("GetCredentialsByEmail")
REPLACE_PASSWORD_HASH = sql.Exec[int, str, str]("ReplacePasswordHash")
SIGNED_IN = sql.One[AccountRow, int]("SetAccountSignedIn")
ACCOUNT_BY_SESSION = sql.One[AccountRow, UUID, int, UUID]("GetAccountBySession")
CREATE_PROFILE = sql.One[AccountRow, int]("CreateProfile")

CREATE_SESSION = sql.One[SessionRow, int]("CreateSession")
LOCK_SESSION = sql.One[SessionRow, bytes]("LockSessionByRefreshToken")
REFRESHED = sql.One[AccountRow, UUID]("SetSessionRefreshed")
DELETE_SESSION = sql.Exec[UUID]("DeleteSession")
DELETE_SESSIONS = sql.Exec[int]("DeleteSessionsOfAccount")
DELETE_OTHER_SESSIONS = sql.Exec[int, UUID]("DeleteOtherSessionsOfAccount")

CREATE_REFRESH_TOKEN = sql.Exec[bytes, UUID]("CreateRefreshToken")
REFRESH_TOKEN_STATE = sql.One[TokenStateRow, bytes]("GetRefreshTokenState")
USE_REFRESH_TOKEN = sql.Exec[bytes]("UseRefreshToken")

CREATE_LOGIN_AUDIT = sql.Exec[int, UUID, str | None, str | None]("CreateLoginAudit")
