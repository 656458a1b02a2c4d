"""What becomes of a project, as server-sent events.

Each event is the whole of what `…/status` answers, and its id is a hash of that: a client that
comes back with the last one it saw, at whichever process, is told what is so now, if it is
something else. Changes in between are not kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Message, Send

from supamanager_api import errors
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http import authorization
from supamanager_api.http.permissions import ROUTES
from supamanager_api.http.platform import project_shapes as shapes
from supamanager_api.http.routing import Router

logger = logging.getLogger(__name__)

router = Router(tags=["projects"])

BEAT_SECONDS: Final = 5.0
"""How often it is looked whether the client may still listen, when nothing changes."""
_SEND_SECONDS: Final = 30.0
_RETRY_MILLISECONDS: Final = 1000


class EventStream(StreamingResponse):
    """Ends when the client does not take what it is sent."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes], *, headers: Mapping[str, str]) -> None:
        super().__init__(events, headers=headers)
        self._events = events

    async def stream_response(self, send: Send) -> None:
        async def bounded(message: Message) -> None:
            async with asyncio.timeout(_SEND_SECONDS):
                await send(message)

        async with aclosing(self._events):
            try:
                await super().stream_response(bounded)
            except TimeoutError:
                logger.info("a client does not read its events")


@router.get("/projects/{ref}/events", status_code=200, response_class=EventStream)
async def stream_project_events(
    project: ProjectDep, request: Request, context: ContextDep
) -> EventStream:
    """The project's status now and after each change, until the token is over or the membership
    is. `Last-Event-ID` leaves out what the client knows."""
    return EventStream(
        _events(request, context, project_id=project.id),
        headers={"X-Accel-Buffering": "no"},
    )


async def _events(request: Request, context: Context, *, project_id: int) -> AsyncGenerator[bytes]:
    access = ROUTES[request.method, request.scope["supamanager.route"]]
    known = request.headers.get("last-event-id", "")
    yield f"retry: {_RETRY_MILLISECONDS}\n\n".encode()
    with context.events.of(project_id) as changes:
        while not changes.over:
            try:
                principal = await authorization.authorize(request, access)
                assert principal is not None
                assert principal.project is not None
                conditions = await context.projects.conditions(principal.project)
                text = _text(shapes.report(principal.project, conditions))
            except errors.Unavailable:
                pass  # the client need not know: what it missed is told afterwards
            except errors.ApiError as error:
                yield _event("end", _text({"message": error.message}))
                return
            else:
                digest = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
                if digest != known:
                    known = digest
                    yield _event("status", text, digest)
            if not await changes.wait(BEAT_SECONDS):
                yield b":\n\n"


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _event(name: str, text: str, identifier: str | None = None) -> bytes:
    head = f"id: {identifier}\n" if identifier else ""
    return f"{head}event: {name}\ndata: {text}\n\n".encode()
