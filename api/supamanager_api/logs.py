"""JSON lines on standard error, each with the id of the request it belongs to."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any, Final

from supamanager_kube import jsonlog

request_id: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)


def formatter() -> logging.Formatter:
    return jsonlog.Formatter(_context)


def _context() -> dict[str, Any]:
    current = request_id.get()
    return {"request_id": current} if current else {}


def configure(level: int = logging.INFO) -> None:
    """Send every record of the process through the formatter, the server's own included."""
    jsonlog.configure(level, formatter=formatter())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
