"""An aiohttp server on a free port that leaves no connection open at its end."""

from __future__ import annotations

import ssl

from aiohttp import web

from supamanager_dev.loopthread import ended


async def start(runner: web.AppRunner, *, tls: ssl.SSLContext | None = None) -> tuple[str, int]:
    """The address that it listens on."""
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    host, port = runner.addresses[0][:2]
    return str(host), int(port)


async def end(runner: web.AppRunner) -> None:
    """Its requests have the runner's `shutdown_timeout`; what is unsent then is not sent."""
    assert runner.server
    transports = [each.transport for each in runner.server.connections if each.transport]
    links = [transport.get_extra_info("socket") for transport in transports]
    await runner.cleanup()
    # Python 3.11.2 cannot abort TLS whose connection is closed.
    await ended(
        transport for transport, link in zip(transports, links, strict=True) if link.fileno() >= 0
    )
