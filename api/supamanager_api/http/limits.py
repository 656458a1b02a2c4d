"""The largest body of a request. FastAPI's own limit answers as text and only outside of ours."""

from __future__ import annotations

from typing import Final

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY: Final = 1024 * 1024
LARGER: Final = {
    ("/platform/pg-meta/", "/pg-meta/", "/pg/"): 3 * 1024 * 1024,
}
"""Beginnings of paths whose bodies may be larger; postgres-meta takes no more than this."""


class Limits:
    def __init__(self, app: ASGIApp, *, largest: int = LARGEST_BODY) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = self._limit(scope["path"])
        announced = Headers(scope=scope).get("content-length", "")
        size = 0
        if announced.isdigit() and int(announced) > largest:
            size = int(announced)

        async def counted() -> Message:
            nonlocal size
            message = await receive() if size <= largest else {"type": "http.disconnect"}
            size += len(message.get("body", b""))
            if size > largest:
                raise HTTPException(413, f"The body has more than {largest} bytes")
            return message

        await self._app(scope, counted, send)

    def _limit(self, path: str) -> int:
        return next(
            (size for prefixes, size in LARGER.items() if path.startswith(prefixes)), self._largest
        )
