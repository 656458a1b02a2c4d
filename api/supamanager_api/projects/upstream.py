"""HTTP to the services of projects."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Self

import aiohttp
import yarl

from supamanager_api import errors
from supamanager_api.projects import endpoints
from supamanager_api.projects.model import ProjectRow

READ_SECONDS: Final = 70.0
"""How long a service may be silent: more than a statement may take."""

_CONNECT_SECONDS: Final = 10.0
_AT_ONCE: Final = 64
"""Connections to one service; a further request waits for one as long as for connecting."""
_LARGEST_REPLY: Final = 4 * 1024 * 1024
_UNASKED: Final = ("Accept-Encoding", "Content-Type", "User-Agent")


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request to a service; `path` and `query` are encoded, as `path` and `query` make them."""

    component: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    read_seconds: float | None = READ_SECONDS


@dataclass(frozen=True)
class Reply:
    """An answer that was read whole."""

    status: int
    content_type: str
    body: bytes

    @property
    def succeeded(self) -> bool:
        return self.status < HTTPStatus.BAD_REQUEST

    def json(self) -> Any:
        """Raises Unavailable."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise errors.Unavailable("A service of the project answers in no JSON") from None


def path(*segments: str) -> str:
    """A path of these segments, none of which can leave its place.

    Raises:
        Invalid
    """
    if any(segment in ("", ".", "..") or not segment.isprintable() for segment in segments):
        raise errors.Invalid("A part of the path is empty, has only dots, or cannot be printed")
    return "".join("/" + urllib.parse.quote(segment, safe="") for segment in segments)


class Services:
    """A connection serves one request: services close idle ones at times of their own, and a
    request may then be lost that must not be repeated."""

    def __init__(self, template: str, session: aiohttp.ClientSession) -> None:
        self._template = template
        self._session = session

    @classmethod
    @asynccontextmanager
    async def open(cls, template: str) -> AsyncIterator[Self]:
        connector = aiohttp.TCPConnector(limit=0, limit_per_host=_AT_ONCE, force_close=True)
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_UNASKED,
        ) as session:
            yield cls(template, session)

    @asynccontextmanager
    async def answer(self, row: ProjectRow, call: Call) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer, whose body the caller reads; leaving ends the connection.

        Raises:
            Unavailable: the service cannot be reached, broke off, or refuses our key.
            TimedOut: it did not answer in time.
        """
        base = endpoints.service_url(
            self._template,
            project=row.resource_name,
            component=call.component,
            namespace=row.namespace,
            port="http",
        )
        url = yarl.URL(base + call.path + (f"?{call.query}" if call.query else ""), encoded=True)
        timeout = aiohttp.ClientTimeout(
            total=None, connect=_CONNECT_SECONDS, sock_read=call.read_seconds
        )
        try:
            async with self._session.request(
                call.method,
                url,
                headers=call.headers,
                data=call.body,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                if response.status == HTTPStatus.UNAUTHORIZED:
                    # Said to a browser, it would end the session here.
                    raise errors.Unavailable(f"The project's {call.component} refuses our key")
                yield response
        except aiohttp.ConnectionTimeoutError:
            raise _away(row, call) from None
        except TimeoutError:
            raise errors.TimedOut(
                f"The project's {call.component} did not answer within {call.read_seconds:.0f} s"
            ) from None
        except aiohttp.ClientError:
            raise _away(row, call) from None

    async def ask(self, row: ProjectRow, call: Call) -> Reply:
        """The answer to a small question.

        Raises:
            Unavailable, TimedOut: as `answer`.
        """
        async with self.answer(row, call) as response:
            body = await response.content.read(_LARGEST_REPLY)
            while not response.content.at_eof():
                if len(body) >= _LARGEST_REPLY:
                    raise errors.Unavailable(f"The project's {call.component} says too much")
                body += await response.content.read(_LARGEST_REPLY)
            return Reply(response.status, response.content_type, body)


def _away(row: ProjectRow, call: Call) -> errors.Unavailable:
    return errors.Unavailable(
        f"The project's {call.component} does not answer; the project is {row.status}"
    )
