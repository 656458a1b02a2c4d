"""The few requests that the tool itself sends to the API server, as its administrator."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.parse
from pathlib import Path
from typing import Any, Final

from supamanager_dev.errors import ApiError

_TRIES: Final = 50
_PAUSE: Final = 0.2


class KubeApi:
    def __init__(self, server: str, *, ca_file: Path, token: str) -> None:
        self._address = urllib.parse.urlsplit(server).netloc
        self._context = ssl.create_default_context(cafile=str(ca_file))
        self._token = token

    def request(self, method: str, path: str, body: object = None) -> Any:
        """The decoded answer; raises ApiError from 400 on, OSError when nobody answers."""
        text = self._send(method, path, body)
        return json.loads(text)

    def patch(self, path: str, body: object) -> Any:
        """The object after a JSON merge patch; raises as `request`."""
        return json.loads(self._send("PATCH", path, body, "application/merge-patch+json"))

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
        connection = http.client.HTTPSConnection(self._address, context=self._context, timeout=10)
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
        finally:
            connection.close()
        if response.status >= http.client.BAD_REQUEST:
            raise ApiError(f"{method} {path}", response.status, text)
        return text
