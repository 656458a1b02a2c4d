"""A real SMTP server that keeps what it is sent."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

SECONDS = 30.0

Answer = Callable[[str], str]
"""Recipient → what the server says to it."""


def accept(recipient: str) -> str:
    return "250 OK"


class Inbox:
    """`answer` decides over each recipient; it can be exchanged while the server runs."""

    def __init__(
        self,
        *,
        port: int | None = None,
        tls: ssl.SSLContext | None = None,
        password: str | None = None,
    ) -> None:
        self.port = port or free_port()
        self.answer: Answer = accept
        self._tls = tls
        self._password = password
        self._received: list[tuple[str, EmailMessage]] = []
        self._controller: Controller | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What the API is started with to send its mails here."""
        return {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.port),
            "SMTP_SECURITY": "starttls" if self._tls else "none",
            "SMTP_ADMIN_EMAIL": "plane@example.test",
            "API_EXTERNAL_URL": "https://api.test",
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        options: dict[str, Any] = {}
        if self._tls:
            options = {"tls_context": self._tls, "require_starttls": True}
        if self._password:
            options |= {"authenticator": self._authenticate, "auth_required": True}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop(no_assert=True)
            self._controller = None

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any):
        right = data.login == b"plane" and data.password == (self._password or "").encode()
        return AuthResult(success=right, handled=False)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.answer(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self._received += [(to, message) for to in envelope.rcpt_tos]
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """What this address was sent so far, oldest first."""
        return [message for to, message in self._received if to == address]

    def wait(self, address: str, count: int = 1) -> EmailMessage:
        """The newest mail to the address, once there are so many."""
        deadline = time.monotonic() + SECONDS
        while len(found := self.to(address)) < count:
            assert time.monotonic() < deadline, f"{address} has {len(found)} of {count} mails"
            time.sleep(0.02)
        return found[-1]


def text(message: EmailMessage) -> str:
    return str(message.get_content()).replace("\r\n", "\n")


def code(message: EmailMessage) -> str:
    """The code in a mail."""
    (found,) = re.findall(r"^Code: (\S+)$", text(message), re.MULTILINE)
    return found


def link(message: EmailMessage) -> str:
    """The link in a mail."""
    (found,) = re.findall(r"^  (https?://\S+)$", text(message), re.MULTILINE)
    return found


def path(message: EmailMessage) -> str:
    """The link in a mail, without the address that people reach the API at."""
    parts = urlsplit(link(message))
    assert parts.netloc == "api.test"
    return f"{parts.path}?{parts.query}"


class _Form(HTMLParser):
    """The one form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            assert found["method"] == "post"
            self.action = found["action"] or ""
        if tag == "input":
            self.fields[found["name"] or ""] = found["value"] or ""


def press(client: httpx.Client, link: str) -> httpx.Response:
    """What the button answers on the page that a link leads to."""
    shown = client.get(link)
    assert shown.status_code == 200, shown.text
    form = _Form(shown.text)
    return client.post(urljoin(link, form.action), data=form.fields)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
