"""/healthz, /readyz and /metrics, served from threads of their own: a blocked event loop cannot
block the answer that says so.

The verdict is about this process only; an API server that is away makes nothing unhealthy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from supamanager_operator import metrics

_STALE: Final = 30.0
_TOO_OLD: Final = 300.0


Answer = tuple[int, str, bytes]
"""Code, content type and body."""


class Vitals:
    """Written by the threads that work, read by the health thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._beats: dict[str, float] = {}
        self.oldest_key = 0.0
        self.ready = False
        """The cluster was fit to work with once; a replica that waits for the Lease is ready."""

    def beat(self, name: str) -> None:
        """Whoever has called this once must go on calling it."""
        self._beats[name] = self._clock()

    def complaint(self) -> str:
        """What is wrong with the process; empty when nothing is."""
        now = self._clock()
        for name, at in tuple(self._beats.items()):
            if now - at > _STALE:
                return f"{name} has been silent for {now - at:.0f} s"
        if self.oldest_key > _TOO_OLD:
            return f"a project has been waiting for {self.oldest_key:.0f} s"
        return ""


def serve(address: str, port: int, routes: dict[str, Callable[[], Answer]]) -> int:
    """Serve the routes in a daemon thread; returns the port, chosen by the system when it is 0."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            route = routes.get(self.path.partition("?")[0])
            code, content_type, body = route() if route else (404, "text/plain", b"not found\n")
            self.send_response(code)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Probes are not worth a line."""

    server = ThreadingHTTPServer((address, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name=f"http-{port}", daemon=True).start()
    return int(server.server_address[1])


def health_route(vitals: Vitals) -> Callable[[], Answer]:
    return lambda: _verdict(vitals.complaint())


def ready_route(vitals: Vitals) -> Callable[[], Answer]:
    return lambda: _verdict(
        vitals.complaint() or ("" if vitals.ready else "has not seen the cluster yet")
    )


def _verdict(complaint: str) -> Answer:
    return (503 if complaint else 200), "text/plain", f"{complaint or 'ok'}\n".encode()


def metrics_route() -> Answer:
    return 200, CONTENT_TYPE_LATEST, generate_latest(metrics.REGISTRY)
