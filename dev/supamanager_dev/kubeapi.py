"""The few requests that the tool itself sends to the API server, as its administrator."""

from __future__ import annotations

import http.client
import json
import select
import socket
import ssl
import time
import urllib.parse
from pathlib import Path
from typing import Any, Final

from supamanager_dev.errors import ApiError
from supamanager_dev.resource import Resource

_TRIES: Final = 50
_PAUSE: Final = 0.2


class KubeApi(Resource):
    """May be asked by several threads. Connections are kept for the next request: what waits asks
    ten times a second, and a handshake costs both sides more than such a request.
    """

    def __init__(self, server: str, *, ca_file: Path, token: str) -> None:
        self._address = urllib.parse.urlsplit(server).netloc
        self._context = ssl.create_default_context(cafile=str(ca_file))
        self._token = token
        self._idle: list[http.client.HTTPSConnection] = []

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def request(self, method: str, path: str, body: object = None) -> Any:
        """The decoded answer; raises ApiError from 400 on, OSError when nobody answers."""
        text = self._send(method, path, body)
        return json.loads(text)

    def patch(self, path: str, body: object) -> Any:
        """The object after a JSON merge patch; raises as `request`."""
        return json.loads(self._send("PATCH", path, body, "application/merge-patch+json"))

    def apply(self, path: str, body: object) -> Any:
        """The object after a server-side apply, whose options are in the path's query; raises as
        `request`."""
        return json.loads(self._send("PATCH", path, body, "application/apply-patch+yaml"))

    def ready(self) -> bool:
        try:
            return self._send("GET", "/readyz", None) == "ok"
        except (OSError, http.client.HTTPException, ApiError):
            return False

    def find(self, path: str) -> Any | None:
        """What is there, or None."""
        try:
            return self.request("GET", path)
        except ApiError as error:
            if error.status == http.client.NOT_FOUND:
                return None
            raise

    def exists(self, path: str) -> bool:
        return self.find(path) is not None

    def _send(
        self, method: str, path: str, body: object, content_type: str = "application/json"
    ) -> str:
        """Asked again, as other clients do, while the server says 429: one that has just started
        says it of kinds whose storage it still reads."""
        for _ in range(_TRIES - 1):
            try:
                return self._once(method, path, body, content_type)
            except ApiError as error:
                if error.status != http.client.TOO_MANY_REQUESTS:
                    raise
            time.sleep(_PAUSE)
        return self._once(method, path, body, content_type)

    def _once(self, method: str, path: str, body: object, content_type: str) -> str:
        connection = self._connection()
        try:
            connection.request(
                method,
                path,
                body=None if body is None else json.dumps(body),
                headers={
                    "Authorization": f"Bearer {self._token}",
                    "Content-Type": content_type,
                    "User-Agent": "supamanager-dev",
                },
            )
            response = connection.getresponse()
            text = response.read().decode()
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        if response.status >= http.client.BAD_REQUEST:
            raise ApiError(f"{method} {path}", response.status, text)
        return text

    def _connection(self) -> http.client.HTTPSConnection:
        """One that the server has not ended, else a new one."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return http.client.HTTPSConnection(self._address, context=self._context, timeout=10)
            if connection.sock is not None and not _readable(connection.sock):
                return connection
            connection.close()


def _readable(link: socket.socket) -> bool:
    """Between two requests there is nothing to read but the end."""
    poll = select.poll()
    poll.register(link, select.POLLIN)
    return bool(poll.poll(0))
