"""The operator's logs. Bodies and Secrets are never logged."""

from __future__ import annotations

import logging
from typing import Final

from supamanager_kube import jsonlog

_QUIET: Final = ("aiohttp.access", "kopf", "asyncio", "kubernetes")
"""They speak of every object and request; what matters is said by our own lines."""


class _Plain(logging.Filter):
    """Takes off what Kopf hangs on its records: settings and references to objects."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name in ("settings", "k8s_ref", "k8s_skip"):
            vars(record).pop(name, None)
        return True


def configure(level: str) -> None:
    jsonlog.configure(level, formatter=jsonlog.Formatter())
    for handler in logging.getLogger().handlers:
        handler.addFilter(_Plain())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
