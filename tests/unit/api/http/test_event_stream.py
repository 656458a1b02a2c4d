"""A client of server-sent events that does not read them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from supamanager_api.http.platform import project_events


def test_a_client_that_takes_nothing_is_left(monkeypatch):
    monkeypatch.setattr(project_events, "_SEND_SECONDS", 0.05)
    closed = asyncio.Event()
    taken = []

    async def events() -> AsyncGenerator[bytes]:
        try:
            while True:
                yield b"event: status\n\n"
        finally:
            closed.set()

    async def send(message) -> None:
        """The third message finds every buffer full."""
        if len(taken) == 2:
            await asyncio.sleep(60)
        taken.append(message["type"])

    async def receive():
        await asyncio.sleep(60)

    async def run() -> None:
        stream = project_events.EventStream(events(), headers={})
        scope = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}}
        async with asyncio.timeout(5):
            await stream(scope, receive, send)
            await closed.wait()

    asyncio.run(run())
    assert taken == ["http.response.start", "http.response.body"]
