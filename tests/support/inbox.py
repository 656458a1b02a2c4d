"""A real SMTP server that keeps what it is sent."""

from __future__ import annotations

import asyncio
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
from aiosmtpd.smtp import SMTP, AuthResult

from supamanager_dev.loopthread import LoopThread, ended, stopped

SECONDS = 30.0

Answer = Callable[[str], str]
"""Recipient → what the server says to it."""


def accept(recipient: str) -> str:
    return "250 OK"


class _Conversation(SMTP):
    """Adds its transport to the inbox's."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # After STARTTLS it is called again, with what goes through the same connection.
        if transport.get_extra_info("sslcontext") is None:
            self.event_handler.transports.append(transport)
        super().connection_made(transport)


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
        self._thread: LoopThread | None = None
        self.transports: list[asyncio.BaseTransport] = []

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
        self._thread = LoopThread("inbox")
        self._server = self._thread.ask(self._listen())

    def stop(self) -> None:
        if self._thread:
            self._thread.ask(self._end())
            self._thread.close()
            self._thread = None

    async def _listen(self) -> asyncio.Server:
        options: dict[str, Any] = {"hostname": "localhost", "enable_SMTPUTF8": True}
        if self._tls:
            options |= {"tls_context": self._tls, "require_starttls": True}
        if self._password:
            options |= {"authenticator": self._authenticate, "auth_required": True}
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: _Conversation(self, loop=loop, **options), "127.0.0.1", self.port
        )

    async def _end(self) -> None:
        await stopped(self._server)
        await ended(self.transports)

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
