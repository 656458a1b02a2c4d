"""Sign-ups that are confirmed by mail."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

import inbox as inboxes

PASSWORD, OTHER = "Correct-Horse-7", "Another-Horse-8"
REDIRECT = "https://studio.test/sign-in"


@pytest.fixture
def ann() -> str:
    return f"ann-{secrets.token_hex(4)}@example.test"


def sign_up(client, email: str, password: str = PASSWORD):
    body = {"email": email, "password": password, "redirectTo": REDIRECT}
    return client.post("/platform/signup", json=body)


def sign_in(client, email: str, password: str = PASSWORD):
    return client.post("/platform/auth/login", json={"email": email, "password": password})


def verify(client, email: str, code: str, kind: str = "signup"):
    body = {"type": kind, "email": email, "token": code}
    return client.post("/auth/v1/verify", json=body)


async def count(mailed, table: str, email: str) -> int:
    connection = await asyncpg.connect(mailed.database_url)
    try:
        query = f"SELECT count(*) FROM {table} WHERE email = $1"
        return int(await connection.fetchval(query, email))
    finally:
        await connection.close()


async def test_a_link_makes_the_account(mailed, ann: str):
    api, inbox = mailed.api, mailed.inbox
    with api.client() as client:
        assert client.get("/auth/v1/settings").json()["mailer_autoconfirm"] is False
        assert (sign_up(client, ann).status_code, sign_up(client, ann).json()) == (201, {})
        assert await count(mailed, "accounts", ann) == 0
        refused = client.post(
            "/auth/v1/token?grant_type=password", json={"email": ann, "password": PASSWORD}
        )
        assert refused.status_code == 400
        assert refused.json() == {
            "code": 400,
            "error_code": "email_not_confirmed",
            "msg": "Email not confirmed",
        }
        assert sign_in(client, ann, password=OTHER).json() == {
            "message": "Invalid login credentials"
        }
        link = inboxes.path(inbox.wait(ann))
        answer = inboxes.press(client, link)
        assert (answer.status_code, answer.headers["Location"]) == (303, REDIRECT)
        session = sign_in(client, ann)
        assert session.status_code == 200
        assert session.json()["user"]["email_confirmed_at"]
        again = inboxes.press(client, link)
        fragment = parse_qs(urlsplit(again.headers["Location"]).fragment)
        assert fragment["error_code"] == ["otp_expired"]
        assert await count(mailed, "pending_sign_up", ann) == 0
        for secret in (inboxes.code(inbox.to(ann)[0]), link.partition("token=")[2][:20]):
            assert secret not in api.logs


async def test_a_link_that_is_only_followed_changes_nothing(mailed, ann: str):
    """Programs that check mail follow links: nobody's address is confirmed by that."""
    api, inbox = mailed.api, mailed.inbox
    with api.client() as client:
        sign_up(client, ann)
        link = inboxes.path(inbox.wait(ann))
        first, second = client.get(link), client.get(link)
        assert client.head(link).status_code == 405
        assert (first.status_code, first.content) == (200, second.content)
        assert first.headers["Content-Type"] == "text/html; charset=utf-8"
        assert first.headers["Cache-Control"] == "no-store"
        assert first.headers["Referrer-Policy"] == "no-referrer"
        assert first.headers["Content-Security-Policy"] == (
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
            "form-action 'self' https://studio.test"
        )
        assert "<script" not in first.text
        assert await count(mailed, "accounts", ann) == 0
        assert await count(mailed, "pending_sign_up", ann) == 1

        # Any token leads to the same page, whether it is one or not.
        token = parse_qs(urlsplit(link).query)["token"][0]
        wrong = client.get(link.replace(token, "wrong"))
        assert wrong.text == first.text.replace(token, "wrong")
        broken = client.get(link.replace(token, "%22%3E%3Cscript%3E"))
        assert "<script" not in broken.text
        refused = inboxes.press(client, link.replace(token, "wrong"))
        assert "error_code=otp_expired" in refused.headers["Location"]

        answer = inboxes.press(client, link)
        assert (answer.status_code, answer.headers["Location"]) == (303, REDIRECT)
        assert sign_in(client, ann).status_code == 200


def test_what_is_no_form_of_a_link(mailed):
    path = "/auth/v1/verify/link"
    fields = {"token": "x", "type": "signup"}
    with mailed.api.client() as client:
        assert client.post(path, json=fields).status_code == 415
        assert client.post(path).status_code == 400
        for wrong in ({"token": "x"}, {**fields, "type": "x"}, {**fields, "token": "x" * 1025}):
            answer = client.post(path, data=wrong)
            assert (answer.status_code, answer.json()["error_code"]) == (400, "validation_failed")
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        for body in (b"\xff", b"&".join(b"a%d=1" % number for number in range(20))):
            assert client.post(path, content=body, headers=kind).status_code == 400


def test_a_code_signs_in(mailed, ann: str):
    api, inbox = mailed.api, mailed.inbox
    with api.client() as client:
        sign_up(client, ann)
        code = inboxes.code(inbox.wait(ann))
        wrong = f"{(int(code) + 1) % 10**6:06}"
        for email, token in ((ann, wrong), ("bob@example.test", code), (ann, "")):
            answer = verify(client, email, token)
            assert (answer.status_code, answer.json()["error_code"]) == (403, "otp_expired")
        session = verify(client, f" {ann.upper()}", code)
        assert session.status_code == 200
        user = client.get(
            "/auth/v1/user", headers={"Authorization": f"Bearer {session.json()['access_token']}"}
        ).json()
        assert user["email_confirmed_at"]
        assert verify(client, ann, code).status_code == 403
        assert sign_in(client, ann).status_code == 200


def test_each_mail_has_the_password_that_it_was_asked_with(mailed, ann: str):
    """Who signs up with a stranger's address gets nothing when the stranger signs up too."""
    api, inbox = mailed.api, mailed.inbox
    with api.client() as client:
        sign_up(client, ann, password=OTHER)
        inbox.wait(ann)
        sign_up(client, ann)
        link = inboxes.path(inbox.wait(ann, 2))
        inboxes.press(client, link)
        assert sign_in(client, ann, password=OTHER).status_code == 400
        assert sign_in(client, ann).status_code == 200
        # The stranger's mail is worth nothing any more.
        first = inboxes.path(inbox.to(ann)[0])
        assert "error" in inboxes.press(client, first).headers["Location"]
        assert sign_in(client, ann, password=OTHER).status_code == 400


async def test_an_address_that_has_an_account(mailed, ann: str):
    api, inbox = mailed.api, mailed.inbox
    with api.client() as client:
        first = sign_up(client, ann)
        verify(client, ann, inboxes.code(inbox.wait(ann)))
        second = sign_up(client, ann, password=OTHER)
        assert (second.status_code, second.content) == (first.status_code, first.content)
        assert set(second.headers) == set(first.headers)
        told = inbox.wait(ann, 2)
        assert told["Subject"] == "You already have an account"
        assert sign_in(client, ann, password=OTHER).status_code == 400
        assert sign_in(client, ann).status_code == 200
    assert await count(mailed, "pending_sign_up", ann) == 0


async def test_a_mail_that_came_too_late(mailed, ann: str):
    api, inbox = mailed.api, mailed.inbox
    with api.client() as client:
        sign_up(client, ann)
        mail = inbox.wait(ann)
        connection = await asyncpg.connect(mailed.database_url)
        try:
            await connection.execute("UPDATE pending_sign_up SET expires_at = now()")
        finally:
            await connection.close()
        assert "error" in inboxes.press(client, inboxes.path(mail)).headers["Location"]
        assert verify(client, ann, inboxes.code(mail)).status_code == 403
        assert sign_in(client, ann).json() == {"message": "Invalid login credentials"}


def test_asked_for_again(mailed, ann: str):
    api, inbox = mailed.api, mailed.inbox
    body = {"type": "signup", "email": ann}
    with api.client() as client:
        nobody = client.post("/auth/v1/resend", json=body)
        assert (nobody.status_code, nobody.json()) == (200, {})
        sign_up(client, ann)
        inbox.wait(ann)
        assert client.post("/auth/v1/resend", json=body).json() == {}
        assert verify(client, ann, inboxes.code(inbox.wait(ann, 2))).status_code == 200
    assert len(inbox.to(ann)) == 2


def test_an_account_without_confirmation_is_confirmed_later(api_process, ann: str):
    """An address in PLATFORM_ADMINS counts only then."""
    with inboxes.Inbox() as inbox:
        environment = {**inbox.environment, "MAILER_AUTOCONFIRM": "true"}
        api = api_process(**environment)
        account = api.new_account(ann)
        with api.client(account.token) as client:
            assert client.get("/auth/v1/user").json()["email_confirmed_at"] is None
            client.post("/auth/v1/resend", json={"type": "signup", "email": ann})
            location = inboxes.press(client, inboxes.path(inbox.wait(ann))).headers["Location"]
            assert location == "https://studio.test"
            assert client.get("/auth/v1/user").json()["email_confirmed_at"]


def test_links_do_not_lead_elsewhere(mailed, ann: str):
    api, inbox = mailed.api, mailed.inbox
    with api.client() as client:
        body = {"email": ann, "password": PASSWORD, "redirectTo": "https://evil.test/"}
        client.post("/platform/signup", json=body)
        link = inboxes.path(inbox.wait(ann))
        assert "evil" not in link
        evil = link.partition("&redirect_to")[0] + "&redirect_to=https%3A%2F%2Fevil.test"
        assert inboxes.press(client, evil).headers["Location"] == "https://studio.test"
