"""A client of server-sent events."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from supamanager_dev.plainhttp import NO_TLS

WAIT_SECONDS = 40.0


@dataclass(frozen=True)
class Event:
    name: str
    id: str
    data: Any


class Listener:
    """Reads one stream in a thread until it ends."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._client = httpx.Client(timeout=WAIT_SECONDS, verify=NO_TLS)
        self._stream = self._client.stream("GET", url, headers=headers)
        self.response = self._stream.__enter__()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        fields: dict[str, str] = {}
        try:
            for line in self.response.iter_lines():
                if line:
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")
                elif "event" in fields:
                    self._events.put(
                        Event(fields["event"], fields.get("id", ""), json.loads(fields["data"]))
                    )
                    fields = {}
        except (httpx.HTTPError, httpx.StreamError):
            pass
        self._events.put(None)

    def next(self, seconds: float = WAIT_SECONDS) -> Event | None:
        """The next event; None at the end of the stream."""
        return self._events.get(timeout=seconds)

    def until(self, check: Callable[[Event], bool]) -> Event:
        while True:
            event = self.next()
            assert event is not None, "the stream has ended"
            if check(event):
                return event

    def close(self) -> None:
        stream = self.response.extensions["network_stream"]
        with contextlib.suppress(OSError):
            stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._thread.join(WAIT_SECONDS)
        self._stream.__exit__(None, None, None)
        self._client.close()


@contextmanager
def listening(api: Any, token: str, ref: str, last: str | None = None) -> Iterator[Listener]:
    headers = {"Authorization": f"Bearer {token}", **({"Last-Event-ID": last} if last else {})}
    listener = Listener(f"{api.url}/platform/projects/{ref}/events", headers)
    try:
        yield listener
    finally:
        listener.close()
