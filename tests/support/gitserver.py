"""A Git repository, and git's own server for it on loopback."""

from __future__ import annotations

import contextlib
import http.server
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "A Person",
    "GIT_AUTHOR_EMAIL": "person@example.com",
    "GIT_COMMITTER_NAME": "A Person",
    "GIT_COMMITTER_EMAIL": "person@example.com",
    # Neither the person's own settings nor the machine's.
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


@dataclass(frozen=True)
class Repository:
    """A working tree; what is committed is served at once."""

    folder: Path
    url: str

    def commit(self, message: str, files: Mapping[str, str]) -> str:
        """Make these the files of the branch, and no others; returns the commit."""
        for path in self.folder.iterdir():
            if path.name != ".git":
                path.unlink()
        for name, text in files.items():
            (self.folder / name).write_text(text)
        _git(self.folder, "add", "--all")
        _git(self.folder, "commit", "--quiet", "--message", message)
        return _git(self.folder, "rev-parse", "HEAD")


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[Repository]:
    """A new repository with an empty branch `main` in this folder."""
    _git(folder, "init", "--quiet", "--initial-branch=main")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Repository(folder, f"http://127.0.0.1:{server.server_port}/projects.git")
        finally:
            server.shutdown()
            thread.join()


def _handler(folder: Path) -> type[http.server.BaseHTTPRequestHandler]:
    program = Path(_git(folder, "--exec-path")) / "git-http-backend"

    class Handler(http.server.BaseHTTPRequestHandler):
        """Hands each request to git's CGI program."""

        def do_GET(self) -> None:
            self._hand_over()

        def do_POST(self) -> None:
            self._hand_over()

        def _hand_over(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = subprocess.run(
                [program],
                input=body,
                capture_output=True,
                check=True,
                env={
                    **os.environ,
                    **IDENTITY,
                    "GIT_PROJECT_ROOT": str(folder),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "PATH_INFO": path.replace("/projects.git", "/.git", 1),
                    "QUERY_STRING": query,
                    "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type") or "",
                    "CONTENT_LENGTH": str(len(body)),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding") or "",
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol") or "",
                },
            ).stdout
            head, _, content = answer.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
            status = fields.pop("Status", str(HTTPStatus.OK.value))
            self.send_response(int(status.split()[0]))
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _git(folder: Path, *arguments: str) -> str:
    result = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **IDENTITY},
    )
    return result.stdout.strip()
