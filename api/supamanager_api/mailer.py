"""The mailer: empties the outbox into the SMTP server, in every replica at once.

A row is claimed for some seconds; the process that dies with a claim leaves the row to the next
one. So a mail is sent at least once, and twice only with the same Message-ID.
"""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Final

from supamanager_api import sealing
from supamanager_api.background import Task
from supamanager_api.context import Context
from supamanager_api.database import Connection, Database
from supamanager_api.mails import queries
from supamanager_api.mails.model import MailRow
from supamanager_api.mails.service import Mails
from supamanager_api.mails.smtp import Failed, Refused, Server
from supamanager_api.metrics import Vital

logger = logging.getLogger(__name__)

_CLAIM_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 1.0
_PARALLEL: Final = 2
_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 900.0
_ATTEMPTS: Final = 14
"""Together about an hour and a half: then the codes in the mails are not valid any more."""
_ERROR_LENGTH: Final = 300


class Mailer:
    def __init__(self, database: Database, mails: Mails, server: Server | None) -> None:
        self._database = database
        self._mails = mails
        self._server = server

    async def run(self) -> None:
        """Work until cancelled, or until the database is lost."""
        if self._server is None:
            await asyncio.Event().wait()
            return
        async with asyncio.TaskGroup() as group:
            for _ in range(_PARALLEL):
                group.create_task(self._work(self._server))

    async def _work(self, server: Server) -> None:
        while True:
            async with self._database.acquire() as connection:
                row = await queries.CLAIM(connection, _CLAIM_SECONDS)
            if row is None:
                await asyncio.sleep(_POLL_SECONDS * random.uniform(0.5, 1.0))  # noqa: S311
            else:
                await self._send(server, row)

    async def _send(self, server: Server, row: MailRow) -> None:
        try:
            text = self._mails.read(row)
            await asyncio.to_thread(server.send, row.recipient, text, message_id=row.message_id)
        except (Refused, sealing.Unreadable) as failure:
            await self._give_up(row, str(failure))
        except Failed as failure:
            await self._postpone(row, str(failure))
        except Exception as failure:
            # One mail that cannot be handled must not keep the others.
            logger.exception("a mail was not handled", extra=_fields(row))
            await self._postpone(row, type(failure).__name__)
        else:
            async with self._database.acquire() as connection:
                await queries.SENT(connection, row.id, row.claim)
            logger.info("a mail was sent", extra=_fields(row))

    async def _postpone(self, row: MailRow, error: str) -> None:
        """Back off; after the last attempt give up."""
        if row.attempt >= _ATTEMPTS:
            await self._give_up(row, error)
            return
        pause = min(_FIRST_PAUSE * 2.0 ** (row.attempt - 1), _LONGEST_PAUSE)
        logger.warning("a mail was not taken", extra={**_fields(row), "attempt": row.attempt})
        async with self._database.acquire() as connection:
            await queries.POSTPONE(connection, row.id, row.claim, pause, error[:_ERROR_LENGTH])

    async def _give_up(self, row: MailRow, error: str) -> None:
        logger.error("a mail was given up", extra={**_fields(row), "attempt": row.attempt})
        async with self._database.acquire() as connection:
            await queries.GIVE_UP(connection, row.id, row.claim, error[:_ERROR_LENGTH])


def _fields(row: MailRow) -> dict[str, str | int]:
    """What a log line says of a mail; the server's words are in its row."""
    return {"mail": row.id, "kind": str(row.kind)}


async def _waiting(connection: Connection) -> float:
    return float((await queries.WAITING.certain(connection)).count)


VITALS: Final = (Vital("mails_waiting", "Mails that are not sent yet.", _waiting),)


def task(context: Context) -> Task:
    server = _server(context)
    return Task("mailer", Mailer(context.database, context.mails, server).run)


def _server(context: Context) -> Server | None:
    settings = context.settings
    if not settings.smtp_host:
        return None
    return Server(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=settings.smtp_pass.get_secret_value(),
        sender_name=settings.smtp_sender_name,
        sender_address=settings.smtp_admin_email,
    )
