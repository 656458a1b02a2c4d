"""The hook for DNS: a program of the operator of the platform that keeps names of projects.

It is told CREATE once a project's resource is there and DELETE once it is gone, in every replica by
whichever claims the row first. What was sent but not noted is sent again, so the hook must take a
word twice; words about one project never overtake each other.
"""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Final

import aiohttp

from supamanager_api.background import Task
from supamanager_api.context import Context
from supamanager_api.database import Database
from supamanager_api.projects import dns
from supamanager_api.projects.dns import Due

logger = logging.getLogger(__name__)

_REQUEST_SECONDS: Final = 5.0
_CLAIM_SECONDS: Final = 15.0
"""Longer than the requests about one project take."""
_POLL_SECONDS: Final = 2.0
_LONGEST_PAUSE: Final = 300.0
_KEY_HEADER: Final = "X-Api-Key"


class Refused(Exception):
    """The hook did not take it; says why, without what was sent."""


class DnsHook:
    def __init__(self, database: Database, *, url: str, key: str, domain: str) -> None:
        self._database = database
        self._url = url
        self._key = key
        self._domain = domain

    async def run(self) -> None:
        """Tell what is due until cancelled, or until the database is lost."""
        timeout = aiohttp.ClientTimeout(total=_REQUEST_SECONDS)
        async with aiohttp.ClientSession(
            timeout=timeout, headers={_KEY_HEADER: self._key}, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            while True:
                due = await self._claim()
                if due is None:
                    await asyncio.sleep(_POLL_SECONDS)
                else:
                    await self._tell(session, due)

    async def _claim(self) -> Due | None:
        async with self._database.transaction() as connection:
            await dns.ADD(connection, self._domain)
            return await dns.CLAIM(connection, _CLAIM_SECONDS)

    async def _tell(self, session: aiohttp.ClientSession, due: Due) -> None:
        try:
            for hostname in dns.hostnames(due.project_ref, domain=self._domain):
                await self._send(session, due, hostname=hostname)
        except Refused as failure:
            pause = min(2.0 ** min(due.attempt, 9), _LONGEST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311
            logger.warning(
                "the DNS hook was not told",
                extra={"ref": due.project_ref, "word": due.word, "reason": str(failure)},
            )
            async with self._database.acquire() as connection:
                await dns.POSTPONE(connection, due.project_id, due.claim, pause)
            return
        async with self._database.acquire() as connection:
            await dns.FINISH(connection, due.project_id, due.claim, due.word)
        logger.info("the DNS hook was told", extra={"ref": due.project_ref, "word": due.word})

    async def _send(self, session: aiohttp.ClientSession, due: Due, *, hostname: str) -> None:
        body = {"type": due.word, "hostname": hostname, "project_ref": due.project_ref}
        try:
            async with session.post(self._url, json=body, allow_redirects=False) as answer:
                if not 200 <= answer.status < 300:
                    raise Refused(f"it answers {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as failure:
            raise Refused(type(failure).__name__) from None


def task(context: Context) -> Task | None:
    """None without a hook."""
    settings = context.settings
    if not settings.domain_dns_hook_url:
        return None
    hook = DnsHook(
        context.database,
        url=settings.domain_dns_hook_url,
        key=settings.domain_dns_hook_key.get_secret_value(),
        domain=settings.domain_base,
    )
    return Task("dns hook", hook.run)
