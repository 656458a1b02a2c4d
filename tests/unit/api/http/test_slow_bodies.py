"""A body that does not arrive holds its connection for a while only; on a real server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from fastapi import FastAPI

import trickling
from supamanager_api.http import limits

SECONDS = 0.5
HEAD = (
    "POST {path} HTTP/1.1\r\nHost: api\r\n"
    "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n"
)


@pytest.fixture
async def port(application: FastAPI) -> AsyncIterator[int]:
    limited = limits.Limits(application, seconds=SECONDS)
    server = uvicorn.Server(uvicorn.Config(limited, lifespan="off", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


@pytest.mark.parametrize("every", [60.0, 0.1])
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/platform/signup", b'{"message":"The body did not arrive within 0.5 seconds"}'),
        ("/auth/v1/token", b'"error_code":"request_timeout"'),
    ],
)
async def test_a_body_that_does_not_arrive(port: int, path: str, told: bytes, every: float) -> None:
    head = HEAD.format(path=path).encode()
    answer = await trickling.answer(port, first=head, then=b" ", every=every)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert told in answer


async def test_the_end_of_a_request_may_be_waited_for() -> None:
    """As a stream of events does."""
    told = [{"type": "http.request", "body": b"", "more_body": False}]
    found = []

    async def receive() -> dict[str, object]:
        if told:
            return told.pop()
        await asyncio.sleep(0.2)
        return {"type": "http.disconnect"}

    async def app(scope, receive, send) -> None:
        found.extend([await receive(), await receive()])

    async def send(message) -> None:
        raise AssertionError(message)

    scope = {"type": "http", "path": "/", "headers": []}
    await limits.Limits(app, seconds=0.05)(scope, receive, send)
    assert [message["type"] for message in found] == ["http.request", "http.disconnect"]
