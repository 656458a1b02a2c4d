"""Cross-origin requests: from Studio's origin with credentials, from no other.

Starlette's middleware answers refused preflights as text and sends the credentials header to
everybody.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
REQUEST_HEADERS: Final = (
    "accept",
    "apikey",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "last-event-id",
    "version",
    "x-client-info",
    "x-connection-encrypted",
    "x-pg-application-name",
    "x-request-id",
    "x-supabase-api-version",
)
EXPOSED_HEADERS: Final = (
    "ETag",
    "Link",
    "Retry-After",
    "X-Total-Count",
    "X-RateLimit-Reset",
    "X-Request-Id",
)
_SECONDS: Final = 600
_PORTS: Final = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """The origin of a URL as a browser writes it."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    port = parts.port
    default = port is None or port == _PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}" + ("" if default else f":{port}")


class Cors:
    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self._app = app
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        allowed = headers.get("origin") == self._origin

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                out.add_vary_header("Origin")
                if allowed:
                    out["Access-Control-Allow-Origin"] = self._origin
                    out["Access-Control-Allow-Credentials"] = "true"
                    out["Access-Control-Expose-Headers"] = ", ".join(EXPOSED_HEADERS)
            await send(message)

        preflight = scope["method"] == "OPTIONS" and "access-control-request-method" in headers
        if preflight and "origin" in headers:
            await self._preflight(headers, allowed=allowed)(scope, receive, answer)
        else:
            await self._app(scope, receive, answer)

    def _preflight(self, headers: Headers, *, allowed: bool) -> Response:
        if not allowed:
            return JSONResponse({"message": "This origin may not call the API"}, 403)
        method = headers["access-control-request-method"]
        asked = headers.get("access-control-request-headers", "").lower().split(",")
        foreign = {name.strip() for name in asked if name.strip()}.difference(REQUEST_HEADERS)
        if method not in METHODS or foreign:
            return JSONResponse({"message": "This method or header may not be sent"}, 403)
        return Response(
            status_code=204,
            headers={
                "Access-Control-Allow-Methods": ", ".join(METHODS),
                "Access-Control-Allow-Headers": ", ".join(REQUEST_HEADERS),
                "Access-Control-Max-Age": str(_SECONDS),
            },
        )
