"""The client that Studio signs in with, @supabase/auth-js, against a real process."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

import inbox as inboxes
from supamanager_api.accounts import totp
from supamanager_dev import npm

MANIFESTS = Path(__file__).parents[1] / "studio"
DRIVER = Path(__file__).with_name("authjs.mjs")
MAILED = {"MAILER_AUTOCONFIRM": "true"}
OTHER = "Another-Horse-8"


class Browser:
    """A browser with some tabs."""

    def __init__(self, url: str, modules: Path) -> None:
        self._process = subprocess.Popen(
            [npm.NODE, DRIVER, url, modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def all(self, *calls: tuple[str, str, Any]) -> list[dict[str, Any]]:
        """Calls at once, each (tab, name, argument); what each was answered."""
        request = [
            {"tab": tab, "name": name, "arguments": [] if argument is None else [argument]}
            for tab, name, argument in calls
        ]
        self._process.stdin.write(json.dumps({"calls": request}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def ask(self, name: str, argument: Any = None, *, tab: str = "a") -> Any:
        """The data of a call that must succeed."""
        (answer,) = self.all((tab, name, argument))
        assert answer["error"] is None, (name, answer["error"])
        return answer["data"]

    def fail(self, name: str, argument: Any = None, *, tab: str = "a") -> dict[str, Any]:
        """The error of a call that must not."""
        (answer,) = self.all((tab, name, argument))
        assert answer["error"] is not None, (name, answer["data"])
        return answer["error"]


@pytest.fixture(scope="module")
def modules(announce: Callable[[str], None]) -> Path:
    package = "node_modules/@supabase/auth-js/package.json"
    return npm.ensure("studio-replay", MANIFESTS, [package], progress=announce)


@pytest.fixture
def browser(mailed, modules: Path) -> Iterator[Browser]:
    opened = Browser(f"{mailed.api.url}/auth/v1", modules)
    yield opened
    opened.close()


def credentials(account) -> dict[str, str]:
    return {"email": account.email, "password": account.password}


def test_signing_in_and_out(mailed, browser: Browser):
    api = mailed.api
    account = api.new_account()
    wrong = browser.fail("signInWithPassword", {"email": account.email, "password": "x"})
    assert (wrong["message"], wrong["code"]) == ("Invalid login credentials", "invalid_credentials")
    signed_in = browser.ask("signInWithPassword", credentials(account))
    assert signed_in["user"]["email"] == account.email
    assert browser.ask("getUser")["user"] == signed_in["user"]
    assert browser.ask("getSession", tab="b")["session"]["user"] == signed_in["user"]
    browser.ask("signOut", {"scope": "others"})
    assert browser.ask("getUser")["user"]
    browser.ask("signOut", {"scope": "global"})
    assert browser.ask("getSession")["session"] is None
    assert browser.fail("getUser")["name"] == "AuthSessionMissingError"
    with api.client(signed_in["session"]["access_token"]) as client:
        assert client.get("/auth/v1/user").status_code == 403


def test_tabs_that_refresh_at_once(mailed, browser: Browser):
    """None is signed out. A tab may drop what it was answered, when another has stored its own."""
    browser.ask("signInWithPassword", credentials(mailed.api.new_account()))
    tabs = "abcdef"
    for name in tabs:
        browser.ask("getSession", tab=name)
    sessions = set()
    for _ in range(6):
        answers = browser.all(*((name, "refreshSession", None) for name in tabs))
        failures = [answer["error"] for answer in answers if answer["error"]]
        assert {failure["name"] for failure in failures} <= {"AuthRefreshDiscardedError"}
        assert len(failures) < len(tabs)
        for name in tabs:
            token = browser.ask("getSession", tab=name)["session"]["access_token"]
            sessions.add(jwt.decode(token, options={"verify_signature": False})["session_id"])
            assert browser.ask("getUser", tab=name)["user"]
    assert len(sessions) == 1


def test_a_second_factor(mailed, browser: Browser):
    api = mailed.api
    account = api.new_account()
    browser.ask("signInWithPassword", credentials(account))
    made = browser.ask("mfa.enroll", {"factorType": "totp", "friendlyName": "phone"})
    assert made["totp"]["qr_code"].startswith("data:image/svg+xml;utf-8,<svg")
    level = "mfa.getAuthenticatorAssuranceLevel"
    assert browser.ask(level)["nextLevel"] == "aal1"

    def code(ahead: int = 0) -> str:
        return totp.code(made["totp"]["secret"], int(time.time()) // totp.PERIOD + ahead)

    verified = browser.ask("mfa.challengeAndVerify", {"factorId": made["id"], "code": code()})
    assert verified["user"]["factors"][0]["status"] == "verified"
    assert browser.ask(level)["currentLevel"] == "aal2"
    assert [each["id"] for each in browser.ask("mfa.listFactors")["totp"]] == [made["id"]]
    browser.ask("refreshSession", tab="b")
    assert browser.ask(level, tab="b")["currentLevel"] == "aal2"
    browser.ask("signOut")

    browser.ask("signInWithPassword", credentials(account))
    found = browser.ask(level)
    assert (found["currentLevel"], found["nextLevel"]) == ("aal1", "aal2")
    refused = browser.fail("mfa.unenroll", {"factorId": made["id"]})
    assert refused["code"] == "insufficient_aal"
    challenge = browser.ask("mfa.challenge", {"factorId": made["id"]})
    attempt = {"factorId": made["id"], "challengeId": challenge["id"], "code": "abcdef"}
    assert browser.fail("mfa.verify", attempt)["code"] == "mfa_verification_failed"
    browser.ask("mfa.verify", {**attempt, "code": code(1)})
    assert browser.ask("mfa.unenroll", {"factorId": made["id"]}) == {"id": made["id"]}
    browser.ask("refreshSession")
    assert browser.ask(level)["currentLevel"] == "aal1"
    assert browser.ask("mfa.listFactors")["all"] == []


def test_a_forgotten_password(mailed, browser: Browser):
    api, inbox = mailed.api, mailed.inbox
    account = api.new_account()
    browser.all(("a", "resetPasswordForEmail", account.email))
    code = inboxes.code(inbox.wait(account.email))
    wrong = {"email": account.email, "token": "000000", "type": "recovery"}
    if code != wrong["token"]:
        assert browser.fail("verifyOtp", wrong)["code"] == "otp_expired"
    opened = browser.ask("verifyOtp", {**wrong, "token": code})
    assert opened["session"]["access_token"]
    assert browser.fail("updateUser", {"password": "short"})["code"] == "weak_password"
    assert browser.ask("updateUser", {"password": OTHER})["user"]["email"] == account.email
    browser.ask("signOut")
    assert browser.fail("signInWithPassword", credentials(account))["status"] == 400
    browser.ask("signInWithPassword", {"email": account.email, "password": OTHER})
