"""The outbox and its way to a real SMTP server."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import inbox as inboxes
from inbox import Inbox
from supamanager_api import errors
from supamanager_api.mails.model import Kind
from supamanager_api.mails.service import Mails

FIELDS = {"code": "314159", "link": "https://api.test/auth/v1/verify?token=x", "validity": "1 hour"}


@pytest.fixture
def outbox(api_environment: dict[str, str], database_url: str):
    """Puts a mail into the outbox as the API does."""
    mails = Mails(
        secret=api_environment["ENCRYPTION_SECRET"], enabled=True, platform="https://studio.test"
    )

    async def put(to: str, kind: Kind = Kind.RECOVERY, **fields: str) -> None:
        connection = await asyncpg.connect(database_url)
        try:
            async with connection.transaction():
                await mails.enqueue(connection, to, kind, **(fields or FIELDS))
        finally:
            await connection.close()

    return put


async def row(database_url: str) -> dict[str, Any]:
    connection = await asyncpg.connect(database_url)
    try:
        return dict(await connection.fetchrow("SELECT * FROM mail ORDER BY id DESC LIMIT 1"))
    finally:
        await connection.close()


async def until(database_url: str, done: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The newest row, once it is so."""
    deadline = time.monotonic() + inboxes.SECONDS
    while not done(found := await row(database_url)):
        assert time.monotonic() < deadline, found["error"]
        await asyncio.sleep(0.05)
    return found


async def hurry(database_url: str) -> None:
    """Let the next attempt, and the end of a claim, be now."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE mail SET next_attempt_at = now(), claimed_until = NULL")
    finally:
        await connection.close()


Put = Callable[..., Awaitable[None]]


async def test_a_mail_arrives_once(api_process, outbox: Put, database_url: str):
    with Inbox() as inbox:
        processes = [api_process(**inbox.environment) for _ in range(2)]
        for number in range(10):
            await outbox(f"{number}@example.test")
        messages = [inbox.wait(f"{number}@example.test") for number in range(10)]
        with processes[0].client() as client:
            deadline = time.monotonic() + inboxes.SECONDS
            while client.get("/status").json()["mails_waiting"]:
                assert time.monotonic() < deadline
    assert {len(inbox.to(f"{number}@example.test")) for number in range(10)} == {1}
    message = messages[0]
    assert message["From"] == "SupaManager <plane@example.test>"
    assert message["To"] == "0@example.test"
    assert message["Subject"] == "Reset your password"
    assert inboxes.code(message) == FIELDS["code"]
    assert inboxes.link(message) == FIELDS["link"]
    assert len({message["Message-ID"] for message in messages}) == 10
    for process in processes:
        for secret in FIELDS["code"], FIELDS["link"], "@example.test":
            assert secret not in process.logs
    assert (await row(database_url))["sealed"] is None


async def test_a_mail_of_a_transaction_that_failed(own_api, outbox: Put, database_url: str):
    with pytest.raises(Exception, match="link"):
        await outbox("a@example.test", code="1", validity="1 hour")
    connection = await asyncpg.connect(database_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM mail") == 0
    finally:
        await connection.close()


async def test_without_a_server():
    mails = Mails(secret="s" * 32, enabled=False, platform="https://studio.test")
    connection: Any = None
    with pytest.raises(errors.Unprocessable, match="SMTP_HOST"):
        await mails.enqueue(connection, "a@example.test", Kind.RECOVERY, **FIELDS)


async def test_what_is_kept_is_sealed(own_api, outbox: Put, database_url: str):
    await outbox("a@example.test")
    kept = await row(database_url)
    for secret in FIELDS["code"], FIELDS["link"]:
        assert secret.encode() not in kept["sealed"]
    assert kept["sent_at"] is None
    with own_api.client() as client:
        assert client.get("/status").json()["mails_waiting"] == 1


async def test_a_server_that_is_away(api_process, outbox: Put, database_url: str):
    inbox = Inbox()
    process = api_process(**inbox.environment)
    await outbox("a@example.test")
    waiting = await until(database_url, lambda mail: mail["error"] is not None)
    assert (waiting["attempt"], waiting["given_up_at"]) == (1, None)
    assert "refused" in waiting["error"]
    with inbox:
        await hurry(database_url)
        inbox.wait("a@example.test")
        sent = await until(database_url, lambda mail: mail["sent_at"] is not None)
    assert sent["attempt"] == 2
    assert "a mail was not taken" in process.logs


async def test_later_and_never(api_process, outbox: Put, database_url: str):
    with Inbox() as inbox:
        api_process(**inbox.environment)
        inbox.answer = lambda _: "451 try again"
        await outbox("a@example.test")
        later = await until(database_url, lambda mail: mail["error"] is not None)
        assert later["given_up_at"] is None
        assert later["error"] == "451 try again"
        inbox.answer = lambda _: "550 nobody of this name"
        await hurry(database_url)
        never = await until(database_url, lambda mail: mail["given_up_at"] is not None)
    assert (never["error"], never["sealed"]) == ("550 nobody of this name", None)
    assert inbox.to("a@example.test") == []


async def test_one_that_nobody_can_send_keeps_no_other(api_process, outbox: Put, database_url: str):
    with Inbox() as inbox:
        process = api_process(**inbox.environment)
        await outbox(".a@example.test")
        given_up = await until(database_url, lambda mail: mail["given_up_at"] is not None)
        assert "no such address" in given_up["error"]
        await outbox("b@example.test")
        inbox.wait("b@example.test")
    assert "Traceback" not in process.logs


async def test_a_process_that_dies_while_it_sends(api_process, outbox: Put, database_url: str):
    """The message was taken, but nobody wrote it down: it is sent again under its name."""
    with Inbox() as inbox:
        first = api_process(**inbox.environment)

        def die(_: str) -> str:
            first.process.kill()
            return "250 OK"

        inbox.answer = die
        await outbox("a@example.test")
        await until(database_url, lambda mail: mail["claimed_until"] is not None)
        first.process.wait(30)
        first.kill()
        inbox.answer = inboxes.accept
        before = await row(database_url)
        assert before["sent_at"] is None
        taken = len(inbox.to("a@example.test"))
        for _ in range(2):
            api_process(**inbox.environment)
        await hurry(database_url)
        await until(database_url, lambda mail: mail["sent_at"] is not None)
        assert len(inbox.to("a@example.test")) == taken + 1
        message = inbox.wait("a@example.test")
    assert message["Message-ID"] == f"<{before['message_id']}@example.test>"
    assert {each["Message-ID"] for each in inbox.to("a@example.test")} == {message["Message-ID"]}


async def test_names_cannot_write_headers_or_lines(api_process, outbox: Put):
    fields = {
        "organization": "Evil\r\nBcc: all@example.test\n\nhttps://evil.test",
        "inviter": "Ann",
        "role": "Developer",
        "link": "https://studio.test/join",
        "validity": "1 day",
    }
    with Inbox() as inbox:
        api_process(**inbox.environment, SMTP_SENDER_NAME='Our "Plane", Ltd.')
        await outbox("a@example.test", Kind.INVITATION, **fields)
        message = inbox.wait("a@example.test")
    assert message["Bcc"] is None
    assert message["Subject"].endswith("Evil Bcc: all@example.test https://evil.test")
    assert message["From"].addresses[0].display_name == 'Our "Plane", Ltd.'
    assert inboxes.link(message) == fields["link"]


async def test_encrypted_and_signed_in(api_process, outbox: Put, database_url: str, tmp_path: Path):
    certificate, context = own_authority(tmp_path)
    with Inbox(tls=context, password="hush-hush-7") as inbox:
        # Its authority is unknown: nothing is sent, the password least of all.
        stranger = api_process(**inbox.environment, SMTP_USER="plane", SMTP_PASS="hush-hush-7")
        await outbox("a@example.test")
        refused = await until(database_url, lambda mail: mail["error"] is not None)
        assert "certificate verify failed" in refused["error"].lower()
        stranger.stop()
        known = {"SSL_CERT_FILE": str(certificate), "SMTP_USER": "plane"}
        wrong = api_process(**inbox.environment, **known, SMTP_PASS="wrong")
        await hurry(database_url)
        unknown = await until(database_url, lambda mail: mail["error"].startswith("535"))
        assert unknown["given_up_at"] is None
        wrong.stop()
        right = api_process(**inbox.environment, **known, SMTP_PASS="hush-hush-7")
        await hurry(database_url)
        inbox.wait("a@example.test")
        assert "hush-hush-7" not in stranger.logs + wrong.logs + right.logs


def own_authority(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that nobody knows, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "inbox")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "inbox.crt", folder / "inbox.key"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    return public, context
