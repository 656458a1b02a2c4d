"""The largest body of a request, and how long it may be on its way. FastAPI's own limit answers as
text and only outside of ours.

Every body is read whole before anything is done with it, one that is passed on to a project too.
The number of the server's connections is not limited: who opens many would lock out all others, and
streams of events stay open by design.
"""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY: Final = 1024 * 1024
BODY_SECONDS: Final = 60.0
LARGER: Final = {
    ("/platform/pg-meta/", "/pg-meta/", "/pg/"): 3 * 1024 * 1024,
}
"""Beginnings of paths whose bodies may be larger; postgres-meta takes no more than this."""

_GONE: Final[Message] = {"type": "http.disconnect"}


class Limits:
    def __init__(
        self, app: ASGIApp, *, largest: int = LARGEST_BODY, seconds: float = BODY_SECONDS
    ) -> None:
        self._app = app
        self._largest = largest
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = self._limit(scope["path"])
        announced = Headers(scope=scope).get("content-length", "")
        size = 0
        if announced.isdigit() and int(announced) > largest:
            size = int(announced)

        deadline = asyncio.get_running_loop().time() + self._seconds
        whole = answered = False

        async def arriving() -> Message:
            nonlocal whole
            try:
                # What follows the body is the end of the connection, which may be waited for.
                async with asyncio.timeout_at(None if whole else deadline):
                    message = await receive()
            except TimeoutError:
                if answered:
                    return _GONE
                raise HTTPException(
                    408,
                    f"The body did not arrive within {self._seconds:g} seconds",
                    # Else the server goes on reading what is left of it.
                    headers={"Connection": "close"},
                ) from None
            whole = not message.get("more_body", False)
            return message

        async def counted() -> Message:
            nonlocal size
            message = await arriving() if size <= largest else _GONE
            size += len(message.get("body", b""))
            if size > largest:
                raise HTTPException(413, f"The body has more than {largest} bytes")
            return message

        async def answer(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self._app(scope, counted, answer)

    def _limit(self, path: str) -> int:
        return next(
            (size for prefixes, size in LARGER.items() if path.startswith(prefixes)), self._largest
        )
