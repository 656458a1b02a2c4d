"""An event loop in a thread of its own, and the end of the connections that it serves.

A connection that is still open when its loop closes is never closed: its socket stays until the
garbage collector finds it, in whatever runs then.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from supamanager_dev.resource import Resource

T = TypeVar("T")


class LoopThread(Resource):
    """Runs from its making until it is closed; tasks that are left then are cancelled."""

    def __init__(self, name: str) -> None:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        self._ready.wait()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def ask(self, work: Coroutine[Any, Any, T], *, seconds: float = 30.0) -> T:
        """The result of `work` in the loop.

        Raises TimeoutError and what `work` raises.
        """
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=seconds)

    def close(self) -> None:
        if self.running:
            self._loop.call_soon_threadsafe(self._closed.set)
            self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._closed = asyncio.Event()
        self._ready.set()
        await self._closed.wait()


async def stopped(server: asyncio.Server) -> None:
    """It listens no more, and every connection that it accepted is its protocol's.

    asyncio accepts a connection, makes its transport and tells the protocol in three rounds of the
    loop, and a task of the protocol starts in the fourth. A server that is closed before the second
    loses the connection.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    for _ in range(4):
        await asyncio.sleep(0)
    server.close()


async def ended(transports: Iterable[asyncio.BaseTransport]) -> None:
    """Every one of them is closed, whether what it still had to send is sent or not."""
    for transport in list(transports):
        assert isinstance(transport, asyncio.WriteTransport)
        transport.abort()
    await asyncio.sleep(0)
