"""A Service on this machine: a port on loopback whose connections go to one of its pods in turn."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from supamanager_dev.loopthread import LoopThread, ended, stopped
from supamanager_dev.resource import Resource

_CHUNK: Final = 64 * 1024


class ServiceProxies(Resource):
    """All of them, in one thread."""

    def __init__(self) -> None:
        self._thread = LoopThread("services")
        self._backends: dict[int, tuple[int, ...]] = {}
        self._turn = itertools.count()
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.WriteTransport] = set()
        self._serving: set[asyncio.Task[Any]] = set()

    def add(self) -> int:
        """A new port; nobody answers behind it yet."""
        return self._thread.ask(self._listen())

    def point(self, port: int, backends: Sequence[int]) -> None:
        """From now on connections to `port` go to these ports."""
        self._backends[port] = tuple(backends)

    def close(self) -> None:
        if self._thread.running:
            self._thread.ask(self._end())
            self._thread.close()

    async def _listen(self) -> int:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        for server in self._servers:
            await stopped(server)
        while self._serving:  # one may still have been connecting to its pod
            await ended(self._open)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        backends = self._backends.get(writer.get_extra_info("sockname")[1], ())
        start = next(self._turn)
        async with self._closing(writer):
            for number in range(len(backends)):
                port = backends[(start + number) % len(backends)]
                try:
                    other, back = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    continue
                async with self._closing(back):
                    await asyncio.gather(_pump(reader, back), _pump(other, writer))
                break

    @contextlib.asynccontextmanager
    async def _closing(self, writer: asyncio.StreamWriter) -> AsyncIterator[None]:
        self._open.add(writer.transport)
        try:
            yield
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            self._open.discard(writer.transport)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(_CHUNK):
            target.write(data)
            await target.drain()
    target.close()
