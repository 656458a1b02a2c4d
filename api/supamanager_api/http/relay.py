"""Passing a request on to a service of a project, and its answer back as it arrives."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import aiohttp
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from supamanager_api import errors
from supamanager_api.projects.model import ProjectRow
from supamanager_api.projects.upstream import Call, Reply, Services

logger = logging.getLogger(__name__)

_PASSED: Final = (
    "Content-Type",
    "Content-Length",
    "Content-Encoding",
    "Content-Range",
    "Content-Profile",
)
"""Headers of a service that reach the client; the others speak of the connection, or of it."""


class Relay(Response):
    """The answer of a service: status, body and errors are untouched.

    The body of the request has been read. `abandoned` is awaited when the client went away before
    the answer was complete; the connection to the service is closed by then. `missing` is the
    message of a 404 for services whose own has none.
    """

    def __init__(
        self,
        services: Services,
        row: ProjectRow,
        call: Call,
        *,
        abandoned: Callable[[], Awaitable[None]] | None = None,
        missing: str = "",
    ) -> None:
        super().__init__()
        self._services = services
        self._row = row
        self._call = call
        self._abandoned = abandoned
        self._missing = missing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = asyncio.create_task(self._exchange(send))
        gone = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait({exchange, gone}, return_when=asyncio.FIRST_COMPLETED)
            if exchange.done():
                await exchange
                return
        finally:
            exchange.cancel()
            gone.cancel()
            await asyncio.gather(exchange, gone, return_exceptions=True)
        logger.info("the client went away", extra={"component": self._call.component})
        if self._abandoned is not None:
            await self._abandoned()

    async def _exchange(self, send: Send) -> None:
        started = False
        try:
            async with self._services.answer(self._row, self._call) as answer:
                if self._missing and answer.status == HTTPStatus.NOT_FOUND:
                    raise errors.NotFound(self._missing)
                started = True
                await send(
                    {
                        "type": "http.response.start",
                        "status": answer.status,
                        "headers": _headers(answer),
                    }
                )
                async for chunk in answer.content.iter_any():
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except errors.ApiError as failure:
            if not started:
                raise
            # The server closes a connection whose answer is not complete: the client sees it.
            logger.warning("an answer broke off", extra={"reason": failure.message})


def passed(reply: Reply) -> Response:
    """An answer that was read whole, as it is."""
    return Response(reply.body, reply.status, media_type=reply.content_type)


def _headers(answer: aiohttp.ClientResponse) -> list[tuple[bytes, bytes]]:
    return [
        (name.lower().encode(), value.encode("latin-1"))
        for name in _PASSED
        if (value := answer.headers.get(name)) is not None
    ]


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
