"""/healthz and /metrics, served from a thread of their own: a blocked event loop cannot block the
answer that says so.

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


class Vitals:
    """Written by the event loop, read by the health thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._beat = clock()
        self.oldest_key = 0.0

    def beat(self, *, oldest_key: float) -> None:
        self._beat = self._clock()
        self.oldest_key = oldest_key

    def complaint(self) -> str:
        """What is wrong with the process; empty when nothing is."""
        silent = self._clock() - self._beat
        if silent > _STALE:
            return f"the event loop has been silent for {silent:.0f} s"
        if self.oldest_key > _TOO_OLD:
            return f"a project has been waiting for {self.oldest_key:.0f} s"
        return ""


def serve(address: str, port: int, routes: dict[str, Callable[[], tuple[int, str, bytes]]]) -> int:
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


def health_route(vitals: Vitals) -> Callable[[], tuple[int, str, bytes]]:
    def answer() -> tuple[int, str, bytes]:
        complaint = vitals.complaint()
        return (503 if complaint else 200), "text/plain", f"{complaint or 'ok'}\n".encode()

    return answer


def metrics_route() -> tuple[int, str, bytes]:
    return 200, CONTENT_TYPE_LATEST, generate_latest(metrics.REGISTRY)
