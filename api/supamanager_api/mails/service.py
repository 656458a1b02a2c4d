"""The outbox: a mail is stored with what it is about, in one transaction, and sent afterwards."""

from __future__ import annotations

import json
import uuid

from supamanager_api import errors, sealing
from supamanager_api.database import Connection
from supamanager_api.mails import queries, templates
from supamanager_api.mails.model import Kind, MailRow
from supamanager_api.mails.templates import Text


class Mails:
    """`enabled` is whether there is a server to send by."""

    def __init__(self, *, secret: str, enabled: bool, platform: str) -> None:
        self._sealer = sealing.Sealer(secret, use="mails")
        self._platform = platform
        self.enabled = enabled

    def require(self) -> None:
        """
        Raises:
            Unprocessable: this platform sends no mails.
        """
        if not self.enabled:
            raise errors.Unprocessable(
                "This platform sends no e-mail: its administrators have to set SMTP_HOST",
                code="email_provider_disabled",
            )

    async def enqueue(self, connection: Connection, to: str, kind: Kind, **fields: str) -> None:
        """Store a mail; it is sent once the caller's transaction is committed.

        `platform` need not be given. Whoever reads the mail gets the fields as lines of text.

        Raises:
            Unprocessable: this platform sends no mails.
            jinja2.UndefinedError: the template of this kind needs another field.
        """
        self.require()
        text = templates.render(kind, {"platform": self._platform, **fields})
        message_id = uuid.uuid4()
        sealed = self._sealer.seal(
            json.dumps([text.subject, text.body]), purpose=_purpose(message_id, to)
        )
        await queries.ENQUEUE(connection, message_id, kind, to, sealed)

    def read(self, row: MailRow) -> Text:
        """
        Raises:
            sealing.Unreadable
        """
        opened = self._sealer.open(row.sealed, purpose=_purpose(row.message_id, row.recipient))
        subject, body = json.loads(opened)
        return Text(subject=subject, body=body)


def _purpose(message_id: uuid.UUID, recipient: str) -> str:
    """A text goes to the address that it was written for, and nowhere else."""
    return f"{message_id}/{recipient}"
