"""A client that sends a request slowly, or never the whole of it."""

from __future__ import annotations

import asyncio

_PATIENCE = 10


async def answer(port: int, *, first: bytes, then: bytes = b"", every: float = 0.05) -> bytes:
    """All that the server says until it closes the connection: to `first`, and to `then` byte by
    byte, of which the last comes again and again.

    Raises TimeoutError if it stays open.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)

    async def feed() -> None:
        position = 0
        while then:
            writer.write(then[position : position + 1])
            position = min(position + 1, len(then) - 1)
            await asyncio.sleep(every)

    feeding = asyncio.create_task(feed())
    said = b""
    try:
        async with asyncio.timeout(_PATIENCE):
            while part := await reader.read(65536):
                said += part
    except ConnectionResetError:
        pass  # so ends a connection with bytes on their way that nobody reads
    finally:
        feeding.cancel()
        writer.close()
    return said
