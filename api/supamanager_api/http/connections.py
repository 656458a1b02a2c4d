"""How long a connection may be held without a request on it; uvicorn itself limits only the time
between an answer and the next byte."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

IDLE_SECONDS: Final = 75
"""Between two requests: longer than proxies in front keep a connection (nginx and clouds' load
balancers 60 s), so that none sends a request on one that is being closed here."""
HEAD_SECONDS: Final = 90.0


class Connection(H11Protocol):
    """Closes what has no request on it `head_seconds` after it was opened or its last answer.

    That is long enough for `IDLE_SECONDS`, and counts through whatever arrives meanwhile: parts of
    a head, or the rest of a body that was answered before it was whole.
    """

    head_seconds: float = HEAD_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._overdue: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        self._count()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._count()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._count()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _count(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._forget()
        elif self._overdue is None and not self.transport.is_closing():
            self._overdue = self.loop.call_later(self.head_seconds, self.transport.abort)

    def _forget(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None
