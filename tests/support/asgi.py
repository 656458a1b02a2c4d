"""Requests to an application in this process, without a socket and without a client's overhead."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import described


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: bytes

    def json(self) -> Any:
        return json.loads(self.text)


async def ask(
    application: Any,
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
) -> Answer:
    """The answer to one request, with the body as JSON; of a stream of events its beginning."""
    sent = dict(headers or {})
    content = b"" if body is None else json.dumps(body).encode()
    if body is not None:
        sent.setdefault("Content-Type", "application/json")
    path, _, query = target.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("api.test", 80),
    }
    requests = [{"type": "http.request", "body": content, "more_body": False}]
    over = asyncio.Event()
    start: dict[str, Any] = {}
    parts: list[bytes] = []

    async def receive() -> dict[str, Any]:
        if requests:
            return requests.pop()
        await over.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        parts.append(message.get("body", b""))
        kind = dict(start["headers"]).get(b"content-type", b"")
        if not message.get("more_body") or kind.startswith(b"text/event-stream"):
            over.set()

    await application(scope, receive, send)
    answer = Answer(
        start["status"],
        {name.decode(): value.decode() for name, value in start["headers"]},
        b"".join(parts),
    )
    described.ours().check(
        method,
        scope["path"],
        status=answer.status,
        kind=answer.headers.get("content-type", ""),
        body=answer.text,
    )
    return answer
