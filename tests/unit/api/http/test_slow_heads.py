"""A connection without a request is closed after a while, whatever comes; on a real server."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

import trickling
from supamanager_api.http.connections import IDLE_SECONDS, Connection

SECONDS = 0.5
WORK_SECONDS = 1.0

GET = b"GET / HTTP/1.1\r\nHost: api\r\n\r\n"
SLOW = b"GET /slow HTTP/1.1\r\nHost: api\r\n\r\n"
ANSWERED_EARLY = b"POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 1000\r\n\r\n"


class Hasty(Connection):
    head_seconds = SECONDS


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers without a look at the body."""
    if scope["path"] == "/slow":
        await asyncio.sleep(WORK_SECONDS)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            http=Hasty,
            lifespan="off",
            log_config=None,
            timeout_keep_alive=IDLE_SECONDS,
        )
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


async def held(port: int, *, first: bytes, then: bytes = b"") -> tuple[bytes, float]:
    """What is answered until the connection is closed, and the seconds until then."""
    begun = time.monotonic()
    said = await trickling.answer(port, first=first, then=then)
    return said, time.monotonic() - begun


@pytest.mark.parametrize(
    ("first", "then", "answers"),
    [
        (b"", b"", 0),
        (b"", GET[:-2] + b"X-A: a", 0),
        (GET, b"", 1),
        (GET + GET, GET[:-2] + b"X-A: a", 2),
        (ANSWERED_EARLY, b" ", 1),
    ],
    ids=["nothing", "part-of-a-head", "nothing-more", "part-of-the-next-head", "rest-of-a-body"],
)
async def test_a_connection_without_a_request_is_closed(
    port: int, first: bytes, then: bytes, answers: int
) -> None:
    answer, seconds = await held(port, first=first, then=then)
    assert answer.count(b"HTTP/1.1 204 ") == answers
    assert seconds >= SECONDS


async def test_an_answer_may_take_longer(port: int) -> None:
    answer, seconds = await held(port, first=SLOW)
    assert answer.startswith(b"HTTP/1.1 204 ")
    assert seconds >= WORK_SECONDS + SECONDS


async def test_it_is_kept_while_requests_come(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(15):
        writer.write(GET)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
        await asyncio.sleep(SECONDS / 10)
    writer.close()
    await writer.wait_closed()
