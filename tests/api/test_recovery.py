"""Forgotten passwords, new passwords, new addresses."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import asyncpg
import jwt
import pytest

import inbox as inboxes

MAILED = {"MAILER_AUTOCONFIRM": "true"}
NOBODY = "nobody@example.test"
PASSWORD, OTHER = "Correct-Horse-7", "Another-Horse-8"


def sign_in(api, email: str, password: str):
    with api.client() as client:
        return client.post("/platform/auth/login", json={"email": email, "password": password})


def recover(api, email: str, prefix: str = "platform"):
    with api.client() as client:
        if prefix == "platform":
            body = {"email": email, "redirectTo": "https://studio.test/reset-password"}
            return client.post("/platform/reset-password", json=body)
        return client.post(f"{prefix}/recover", json={"email": email})


def verify(api, email: str, code: str, kind: str = "recovery"):
    with api.client() as client:
        body = {"email": email, "token": code, "type": kind}
        return client.post("/auth/v1/verify", json=body)


@pytest.mark.parametrize("prefix", ["platform", "/auth/v1"])
def test_a_forgotten_password(mailed, prefix: str):
    api, inbox = mailed.api, mailed.inbox
    account = api.new_account()
    answer = recover(api, account.email, prefix)
    nobody = recover(api, NOBODY, prefix)
    assert answer.status_code == (201 if prefix == "platform" else 200)
    assert (nobody.status_code, nobody.content) == (answer.status_code, answer.content)
    code = inboxes.code(inbox.wait(account.email))
    assert verify(api, NOBODY, code).status_code == 403
    assert verify(api, account.email, code, "signup").status_code == 403
    session = verify(api, account.email, code).json()
    claims = jwt.decode(session["access_token"], options={"verify_signature": False})
    assert claims["amr"][0]["method"] == "recovery"
    assert verify(api, account.email, code).json()["error_code"] == "otp_expired"
    with api.client(session["access_token"]) as client:
        assert client.put("/auth/v1/user", json={"password": "short"}).status_code == 400
        changed = client.put("/auth/v1/user", json={"password": OTHER})
        assert (changed.status_code, changed.json()["email"]) == (200, account.email)
        assert changed.json()["email_confirmed_at"]
        # Once: after that it is a session like any other.
        again = client.put("/auth/v1/user", json={"password": "Third-Horse-9"})
        assert again.json()["error_code"] == "current_password_required"
    with api.client(account.token) as client:
        assert client.get("/auth/v1/user").status_code == 403
    assert sign_in(api, account.email, account.password).status_code == 400
    assert sign_in(api, account.email, OTHER).status_code == 200
    assert inbox.wait(account.email, 2)["Subject"] == "Your password was changed"
    assert inbox.to(NOBODY) == []
    assert code not in api.logs
    assert OTHER not in api.logs


def test_by_the_link_in_the_mail(mailed):
    api, inbox = mailed.api, mailed.inbox
    account = api.new_account()
    recover(api, account.email)
    link = inboxes.path(inbox.wait(account.email))
    with api.client() as client:
        answer = inboxes.press(client, link)
        assert answer.status_code == 303
        assert answer.headers["Cache-Control"] == "no-store"
        location = urlsplit(answer.headers["Location"])
        assert f"{location.scheme}://{location.netloc}{location.path}" == (
            "https://studio.test/reset-password"
        )
        assert location.query == ""
        found = {name: value for name, (value,) in parse_qs(location.fragment).items()}
        assert (found["type"], found["token_type"]) == ("recovery", "bearer")
        assert "error" in inboxes.press(client, link).headers["Location"]
    with api.client(found["access_token"]) as client:
        assert client.put("/auth/v1/user", json={"password": OTHER}).status_code == 200
    assert sign_in(api, account.email, OTHER).status_code == 200


async def test_the_newest_code_counts(mailed):
    api, inbox = mailed.api, mailed.inbox
    account = api.new_account()
    recover(api, account.email)
    first = inboxes.code(inbox.wait(account.email))
    recover(api, account.email)
    second = inboxes.code(inbox.wait(account.email, 2))
    if first != second:
        assert verify(api, account.email, first).status_code == 403
    connection = await asyncpg.connect(mailed.database_url)
    try:
        await connection.execute("UPDATE one_time_code SET expires_at = now()")
    finally:
        await connection.close()
    assert verify(api, account.email, second).status_code == 403


def test_codes_cannot_be_guessed(api_process):
    with inboxes.Inbox() as inbox:
        limit = '{"code-email": [3, 600]}'
        processes = [
            api_process(**inbox.environment, MAILER_AUTOCONFIRM="true", RATE_LIMITS=limit)
            for _ in range(2)
        ]
        account = processes[0].new_account()
        recover(processes[0], account.email)
        code = inboxes.code(inbox.wait(account.email))
        wrong = f"{(int(code) + 1) % 10**6:06}"
        for number in range(3):
            assert verify(processes[number % 2], account.email, wrong).status_code == 403
        refused = verify(processes[1], account.email, code)
        assert refused.status_code == 429
        assert refused.json()["error_code"] == "over_request_rate_limit"
        assert 590 < int(refused.headers["Retry-After"]) <= 600


def test_mails_are_limited(mailed):
    api = mailed.api
    for email in (api.new_account().email, "no-one@example.test"):
        asked = [recover(api, email).status_code for _ in range(7)]
        assert asked.count(201) in (4, 5)  # the sign-up was one
        assert asked[-1] == 429


def test_without_mails(api):
    for answer in (
        recover(api, "ann@example.test"),
        recover(api, "ann@example.test", "/auth/v1"),
    ):
        assert answer.status_code == 422
        assert "SMTP_HOST" in answer.text


def test_a_new_password(api):
    account = api.new_account()
    others = [sign_in(api, account.email, account.password).json() for _ in range(2)]
    with api.client(account.token) as client:
        for body, code in (
            ({"password": OTHER}, "current_password_required"),
            ({"password": OTHER, "current_password": "wrong"}, "current_password_invalid"),
            ({"password": "short", "current_password": PASSWORD}, "weak_password"),
            ({"password": PASSWORD, "current_password": PASSWORD}, "same_password"),
            ({}, "validation_failed"),
        ):
            answer = client.put("/auth/v1/user", json=body)
            assert (answer.status_code in (400, 422), answer.json()["error_code"]) == (True, code)
        body = {"password": OTHER, "current_password": PASSWORD}
        assert client.put("/auth/v1/user", json=body).status_code == 200
        assert client.get("/auth/v1/user").status_code == 200
    for session in others:
        with api.client(session["access_token"]) as client:
            assert client.get("/auth/v1/user").status_code == 403
            answer = client.post(
                "/auth/v1/token?grant_type=refresh_token",
                json={"refresh_token": session["refresh_token"]},
            )
            assert answer.status_code == 400
    assert sign_in(api, account.email, PASSWORD).status_code == 400
    assert sign_in(api, account.email, OTHER).status_code == 200


def test_a_new_address(mailed):
    api, inbox = mailed.api, mailed.inbox
    account, other = api.new_account(), api.new_account()
    new = f"new-{account.email}"
    recover(api, account.email)
    old_code = inboxes.code(inbox.wait(account.email))
    with api.client(account.token) as client:
        taken = client.put("/platform/update-email", json={"newEmail": other.email})
        asked = client.put("/platform/update-email", json={"newEmail": new})
        assert (taken.status_code, taken.content) == (asked.status_code, asked.content)
        assert asked.status_code == 200
        assert client.get("/auth/v1/user").json()["email"] == account.email
        same = client.put("/platform/update-email", json={"newEmail": account.email})
        assert same.status_code == 400
        inboxes.press(client, inboxes.path(inbox.wait(new)))
        user = client.get("/auth/v1/user").json()
        assert user["email"] == new
        assert user["email_confirmed_at"]
    assert inbox.wait(account.email, 2)["Subject"] == "Your e-mail address was changed"
    assert sign_in(api, account.email, PASSWORD).status_code == 400
    assert sign_in(api, new, PASSWORD).status_code == 200
    # What was mailed to the old address opens nothing any more.
    assert verify(api, account.email, old_code).status_code == 403
    assert [mail["Subject"] for mail in inbox.to(other.email)] == []


def test_an_address_that_was_taken_meanwhile(mailed):
    api, inbox = mailed.api, mailed.inbox
    account = api.new_account()
    new = f"new-{account.email}"
    with api.client(account.token) as client:
        client.put("/auth/v1/user", json={"email": new})
        code = inboxes.code(inbox.wait(new))
        api.new_account(new)
        answer = verify(api, new, code, "email_change")
        assert (answer.status_code, answer.json()["error_code"]) == (409, "email_exists")
        assert client.get("/auth/v1/user").json()["email"] == account.email


async def test_a_new_address_where_no_mails_are_sent(own_api, database_url: str):
    account, other = own_api.new_account(), own_api.new_account()
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE accounts SET email_confirmed_at = now()")
    finally:
        await connection.close()
    with own_api.client(account.token) as client:
        answer = client.put("/platform/update-email", json={"newEmail": other.email})
        assert answer.status_code == 409
        answer = client.put("/platform/update-email", json={"newEmail": "root@example.test"})
        assert answer.status_code == 200
        user = client.get("/auth/v1/user").json()
    # Nobody has shown that it is theirs: it makes nobody an administrator of the platform.
    assert (user["email"], user["email_confirmed_at"]) == ("root@example.test", None)
