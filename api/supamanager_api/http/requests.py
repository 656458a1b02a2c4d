"""The layer around all: an id for each request, its log line, its metrics, the last catch."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supamanager_api import logs, origin
from supamanager_api.http import errors
from supamanager_api.http.cors import METHODS
from supamanager_api.metrics import Metrics

logger = logging.getLogger(__name__)

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What an answer says unless its route says otherwise: not to be kept, run or framed."""

_ID: Final = re.compile(r"[-.\w]{1,128}", re.ASCII)
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})


class Requests:
    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else str(uuid.uuid4())
        token = logs.request_id.set(request_id)
        client = scope.get("client")
        came_from = origin.CURRENT.set(
            origin.Origin(
                request_id=request_id,
                address=client[0] if client else None,
                method=scope["method"],
            )
        )
        started = time.perf_counter()
        code = 0

        async def answer(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception:
            logger.exception("a request failed")
            if code:
                raise
            await errors.internal(HTTPConnection(scope))(scope, receive, answer)
        finally:
            self._done(scope, code=code, seconds=time.perf_counter() - started)
            origin.CURRENT.reset(came_from)
            logs.request_id.reset(token)

    def _done(self, scope: Scope, *, code: int, seconds: float) -> None:
        route = scope.get("supamanager.route", "unmatched")
        # Any word can be sent as a method; each would be a new time series.
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self._metrics.request(method, route, code=code, seconds=seconds)
        if route not in _QUIET:
            logger.info(
                "request",
                extra={
                    "method": method,
                    "route": route,
                    "code": code,
                    "milliseconds": round(seconds * 1000, 1),
                },
            )
