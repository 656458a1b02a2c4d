"""The places that programs are downloaded from, on one HTTP server of this machine.

The layout is the projects' own: Kubernetes' programs with `.sha256`, etcd's archive with the
release's SHA256SUMS, KWOK's and kind's programs and the JSON of GitHub, Helm's archive with
`.sha256sum`. What is in the files is made up.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from supamanager_dev.releases import Release
from supamanager_dev.settings import Settings


@dataclass
class ReleaseServer:
    """`files` are by path, below a first segment that names the source; `half` break off."""

    files: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    half: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def settings(self) -> Settings:
        url = f"http://127.0.0.1:{self.port}"
        return Settings(
            kubernetes=f"{url}/kubernetes",
            helm=f"{url}/helm",
            github=f"{url}/github",
            github_api=f"{url}/github_api",
        )

    def publish(self, releases: Iterable[Release]) -> None:
        """Each program is a text with its name and version."""
        for release in releases:
            content = program(release)
            if release.member:
                content = archive({release.member: content, "README.md": b"read me"})
            self.files[f"{release.source}/{release.path}"] = content
            digest = hashlib.sha256(content).hexdigest()
            place = f"{release.checksum_source}/{release.checksum_path}"
            self.files[place] = checksum(release, digest)

    def path(self, release: Release) -> str:
        return f"{release.source}/{release.path}"


def program(release: Release) -> bytes:
    return f"#!/bin/sh\necho {release.program} {release.version}\n".encode()


def checksum(release: Release, digest: str) -> bytes:
    """What the project publishes of it."""
    match release.checksum_path.rpartition("/")[2]:
        case "SHA256SUMS":
            other = hashlib.sha256(b"other").hexdigest()
            lines = f"{other}  {release.file}.asc\n{digest}  {release.file}\n{other}  other.zip\n"
            return lines.encode()
        case name if name.endswith(".sha256"):
            return digest.encode()
        case name if name.endswith(".sha256sum"):
            return f"{digest}  {release.file}\n".encode()
    assets = [
        {"name": "kwokctl-linux-amd64", "digest": None},
        {"name": release.file, "digest": f"sha256:{digest}"},
    ]
    return json.dumps({"tag_name": release.version, "assets": assets}).encode()


def archive(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return held.getvalue()


@contextmanager
def running() -> Iterator[ReleaseServer]:
    state = ReleaseServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.lstrip("/")
            state.asked.append(path)
            if path in state.moved:
                self.send_response(302)
                self.send_header("Location", f"/{state.moved[path]}")
                self.end_headers()
                return
            content = state.files.get(path)
            self.send_response(404 if content is None else 200)
            content = content or b"not found"
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if path in state.half else content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
