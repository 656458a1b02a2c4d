from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest

from supamanager_api import errors
from supamanager_api.accounts import tokens
from supamanager_api.accounts.model import AccountRow, Method, SessionRow
from supamanager_api.accounts.tokens import Tokens, fingerprint, first_refresh_token

KEY = "b1Zk8s0Qe7LxV3mJw9Tg5HnYc2Rd6PuA"
NOW = datetime.now(UTC)
ACCOUNT = AccountRow(
    id=7,
    gotrue_id=uuid4(),
    email="ann@example.test",
    username="ann",
    first_name=None,
    last_name=None,
    created_at=NOW,
    updated_at=NOW,
    email_confirmed_at=NOW,
    last_sign_in_at=None,
    profile_created_at=None,
    second_factor=False,
)
SESSION = SessionRow(uuid4(), 7, NOW, Method.PASSWORD, None)


def claims(**changes: Any) -> dict[str, Any]:
    values = {
        "iss": "supamanager",
        "aud": "authenticated",
        "sub": str(ACCOUNT.gotrue_id),
        "exp": datetime.now(UTC) + timedelta(minutes=1),
        "iat": datetime.now(UTC),
        "account_id": 7,
        "session_id": str(SESSION.id),
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def test_an_issued_token_is_verified():
    token, expires = Tokens(KEY).issue(ACCOUNT, SESSION)
    verified = Tokens(KEY).verify(token)
    assert (verified.account_id, verified.gotrue_id) == (7, ACCOUNT.gotrue_id)
    assert verified.session_id == SESSION.id
    assert timedelta(minutes=59) < expires - datetime.now(UTC) <= timedelta(hours=1)


def test_a_token_that_is_known_still_expires(monkeypatch: pytest.MonkeyPatch):
    signer = Tokens(KEY)
    token, expires = signer.issue(ACCOUNT, SESSION)
    assert signer.verify(token) == signer.verify(token)
    monkeypatch.setattr(tokens.time, "time", lambda: expires.timestamp())
    with pytest.raises(errors.Unauthenticated, match="expired"):
        signer.verify(token)


def test_the_claims_that_clients_read():
    token, expires = Tokens(KEY).issue(ACCOUNT, SESSION)
    read = jwt.decode(token, options={"verify_signature": False})
    assert read["account_id"] == 7
    assert read["email"] == "ann@example.test"
    assert read["exp"] == int(expires.timestamp())
    assert UUID(read["sub"]) == ACCOUNT.gotrue_id
    assert UUID(read["session_id"]) == SESSION.id
    assert (read["aud"], read["role"], read["aal"]) == ("authenticated", "authenticated", "aal1")
    assert read["amr"] == [{"method": "password", "timestamp": int(NOW.timestamp())}]
    assert read["iat"] <= int(datetime.now(UTC).timestamp())


def test_the_claims_of_two_factors():
    token, _ = Tokens(KEY).issue(ACCOUNT, replace(SESSION, second_factor_at=NOW))
    read = jwt.decode(token, options={"verify_signature": False})
    assert read["aal"] == "aal2"
    assert [each["method"] for each in read["amr"]] == ["totp", "password"]


def test_hand_made_claims_pass():
    assert Tokens(KEY).verify(jwt.encode(claims(), KEY, "HS256")).account_id == 7


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "supamanager.io"},
        {"aud": None},
        {"iss": "somebody"},
        {"iss": None},
        {"exp": None},
        {"exp": datetime(2026, 1, 1, tzinfo=UTC)},
        {"sub": None},
        {"sub": "seven"},
        {"session_id": None},
        {"session_id": 5},
        {"account_id": "x"},
        {"account_id": None},
    ],
    ids=str,
)
def test_claims_that_are_refused(changes: dict[str, Any]):
    with pytest.raises(errors.Unauthenticated) as caught:
        Tokens(KEY).verify(jwt.encode(claims(**changes), KEY, "HS256"))
    assert caught.value.code == "bad_jwt"


def test_other_algorithms_are_refused():
    for algorithm in ("HS384", "HS512"):
        with pytest.warns(Warning, match="below the minimum"):
            token = jwt.encode(claims(), KEY, algorithm)
        with pytest.raises(errors.Unauthenticated):
            Tokens(KEY).verify(token)
    with pytest.raises(errors.Unauthenticated):
        Tokens(KEY).verify(jwt.encode(claims(), None, "none"))


def test_another_key_is_refused():
    token, _ = Tokens("another" * 8).issue(ACCOUNT, SESSION)
    with pytest.raises(errors.Unauthenticated):
        Tokens(KEY).verify(token)


def test_changed_claims_are_refused():
    header, _, signature = Tokens(KEY).issue(ACCOUNT, SESSION)[0].split(".")
    body = claims(account_id=1, exp=4102444800, iat=0)
    forged = base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")
    with pytest.raises(errors.Unauthenticated):
        Tokens(KEY).verify(f"{header}.{forged}.{signature}")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "ä.ö.ü", "." * 10])
def test_texts_that_are_no_token(text: str):
    with pytest.raises(errors.Unauthenticated):
        Tokens(KEY).verify(text)


def test_refresh_tokens():
    token = first_refresh_token()
    assert len(token) >= 43
    assert token != first_refresh_token()
    assert len(fingerprint(token)) == 32
    following = Tokens(KEY).successor(token)
    assert following == Tokens(KEY).successor(token)
    assert following not in (token, Tokens(KEY).successor(following))
    assert following != Tokens("another" * 8).successor(token)
    assert len(following) == 43
