"""Answers that a client may keep as long as it asks whether they are still so."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import pydantic_core
from starlette.requests import Request
from starlette.responses import Response

_KEEP: Final = "private, no-cache"

UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "It is as the client has it, which sent its ETag in `If-None-Match`."}
}
"""For `responses` of a route that answers with an ETag."""


def answer(request: Request, content: Any, *, headers: Mapping[str, str] | None = None) -> Response:
    """As `answer_text`, of something that becomes JSON."""
    return answer_text(request, pydantic_core.to_json(content), headers=headers)


def answer_text(
    request: Request, body: bytes, *, headers: Mapping[str, str] | None = None
) -> Response:
    """The JSON text with its ETag, or 304 when the client has just this."""
    digest = hashlib.sha256(body).hexdigest()[:32]
    # Weak: a proxy may compress the body.
    tag = f'W/"{digest}"'
    headers = {**(headers or {}), "ETag": tag, "Cache-Control": _KEEP}
    known = request.headers.get("if-none-match", "")
    if known.strip() == "*" or digest in _tags(known):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")}
