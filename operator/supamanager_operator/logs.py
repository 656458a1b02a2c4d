"""The operator's logs. Bodies are never logged, and values of Secrets are taken out of what is."""

from __future__ import annotations

import logging
from typing import Any, Final

from supamanager_kube import jsonlog
from supamanager_operator import scrub
from supamanager_operator.scrub import Scrubber

_QUIET: Final = ("aiohttp.access", "kopf", "asyncio", "kubernetes")
"""They speak of every object and request; what matters is said by our own lines."""


class _Plain(logging.Filter):
    """Takes off what Kopf hangs on its records: settings and references to objects."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name in ("settings", "k8s_ref", "k8s_skip"):
            vars(record).pop(name, None)
        return True


class Formatter(jsonlog.Formatter):
    """Messages, fields and tracebacks without the secrets of the project that they are about."""

    def line(self, record: logging.LogRecord) -> dict[str, Any]:
        line = super().line(record)
        scrubber = scrub.current.get()
        return {key: _masked(value, scrubber) for key, value in line.items()} if scrubber else line


def _masked(value: Any, scrubber: Scrubber) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case dict():
            return {
                _masked(key, scrubber): _masked(inner, scrubber) for key, inner in value.items()
            }
        case list() | tuple():
            return [_masked(inner, scrubber) for inner in value]
        case _:
            return scrubber.mask(str(value))


def configure(level: str) -> None:
    jsonlog.configure(level, formatter=Formatter())
    for handler in logging.getLogger().handlers:
        handler.addFilter(_Plain())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
