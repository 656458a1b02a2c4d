"""Handing a message to the SMTP server."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final, Literal
from uuid import UUID

from supamanager_api.mails.templates import Text

_SECONDS: Final = 10.0
"""For connecting, and for each answer."""

Security = Literal["starttls", "tls", "none"]


class Refused(Exception):
    """The server does not take this message, now or later."""


class Failed(Exception):
    """The message was not taken this time."""


@dataclass(frozen=True, kw_only=True)
class Server:
    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    sender_name: str
    sender_address: str

    def send(self, to: str, text: Text, *, message_id: UUID) -> None:
        """Blocks.

        Raises:
            Refused, Failed: with the server's words, never the message's.
        """
        try:
            message = self._message(to, text, message_id=message_id)
        except (ValueError, MessageError) as failure:
            raise Refused(f"{type(failure).__name__}: no such address can be written") from None
        try:
            with self._connect() as connection:
                if self.user:
                    connection.login(self.user, self.password)
                connection.send_message(message, self.sender_address, [to])
        except smtplib.SMTPRecipientsRefused as failure:
            code, words = next(iter(failure.recipients.values()))
            raise _failure(code, words) from None
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as failure:
            raise _failure(failure.smtp_code, failure.smtp_error) from None
        except smtplib.SMTPNotSupportedError as failure:
            raise Refused(str(failure)) from None
        except smtplib.SMTPResponseException as failure:
            raise Failed(_text(failure.smtp_code, failure.smtp_error)) from None
        except (OSError, smtplib.SMTPException) as failure:
            raise Failed(f"{type(failure).__name__}: {failure}") from None

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=context)
        connection = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        if self.security == "starttls":
            try:
                connection.starttls(context=ssl.create_default_context())
            except BaseException:
                connection.close()
                raise
        return connection

    def _message(self, to: str, text: Text, *, message_id: UUID) -> EmailMessage:
        _, _, domain = self.sender_address.rpartition("@")
        message = EmailMessage()
        message["From"] = Address(self.sender_name, addr_spec=self.sender_address)
        message["To"] = Address(addr_spec=to)
        message["Subject"] = text.subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{message_id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text.body)
        return message


def _failure(code: int, words: bytes | str) -> Exception:
    return (Refused if code >= 500 else Failed)(_text(code, words))


def _text(code: int, words: bytes | str) -> str:
    return f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
