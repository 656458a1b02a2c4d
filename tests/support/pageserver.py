"""Serves folders as a web server does: an origin of its own for pages of tests."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
}


@contextmanager
def serve(*folders: Path, port: int) -> Iterator[str]:
    """The origin, while it is served. A file of an earlier folder hides one of a later.

    A path that is no file is looked for with `.js` behind it: modules of npm import each other so.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0].lstrip("/") or "index.html"
            found = next(filter(Path.is_file, _candidates(folders, path)), None)
            if found is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            body = found.read_bytes()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", _TYPES.get(found.suffix, "application/octet-stream"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            # Another host name than the API's, not only another port.
            yield f"http://localhost:{port}"
        finally:
            server.shutdown()
            thread.join()


def _candidates(folders: tuple[Path, ...], path: str) -> Iterator[Path]:
    for folder in folders:
        place = (folder / path).resolve()
        if place.is_relative_to(folder.resolve()):
            yield from (place, place.with_name(f"{place.name}.js"))
