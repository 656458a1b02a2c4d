"""A Service on this machine: a port on loopback whose connections go to one of its pods in turn."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final

from supamanager_dev.resource import Resource

_CHUNK: Final = 64 * 1024


class ServiceProxies(Resource):
    """All of them, in one thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="services", daemon=True)
        self._thread.start()
        self._backends: dict[int, tuple[int, ...]] = {}
        self._turn = itertools.count()
        self._servers: list[asyncio.Server] = []

    def add(self) -> int:
        """A new port; nobody answers behind it yet."""
        return self._ask(self._listen())

    def point(self, port: int, backends: Sequence[int]) -> None:
        """From now on connections to `port` go to these ports."""
        self._backends[port] = tuple(backends)

    def close(self) -> None:
        if self._thread.is_alive():
            self._ask(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _ask(self, work: object) -> int:
        future: Future[int] = asyncio.run_coroutine_threadsafe(work, self._loop)  # type: ignore[arg-type]
        return future.result(timeout=10)

    async def _listen(self) -> int:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _end(self) -> int:
        for server in self._servers:
            server.close()
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # for the transports to end
        return 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        backends = self._backends.get(writer.get_extra_info("sockname")[1], ())
        start = next(self._turn)
        # Also when it is cancelled: a stream that is not closed is complained about later.
        with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.CancelledError):
            for number in range(len(backends)):
                port = backends[(start + number) % len(backends)]
                try:
                    other, back = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    continue
                with contextlib.closing(back):
                    await asyncio.gather(_pump(reader, back), _pump(other, writer))
                break


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(_CHUNK):
            target.write(data)
            await target.drain()
    target.close()
