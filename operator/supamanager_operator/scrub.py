"""Takes a project's secret values out of a text before anyone can read it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Final
from urllib.parse import quote

_SHORTEST: Final = 6
"""Shorter values, such as a port or a user name, are words of ordinary texts."""
_MASK: Final = "[redacted]"
_LONGEST: Final = 1024
"""What a condition's message may have."""

_PUBLIC_KEYS: Final = frozenset({"host", "port", "dbname", "username", "api-keys"})
"""Keys of the Secrets whose values are no secret."""


class Scrubber:
    def __init__(self, secrets: Iterable[dict[str, str]] = ()) -> None:
        values = {
            form
            for data in secrets
            for key, value in data.items()
            if key not in _PUBLIC_KEYS and len(value) >= _SHORTEST
            for form in _forms(value)
        }
        self._values = sorted(values, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text without the values, on one line, at most 1,024 characters long."""
        text = " ".join(self.mask(text).split())
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

    def mask(self, text: str) -> str:
        """The text without the values, else as it is."""
        for value in self._values:
            text = text.replace(value, _MASK)
        return text


def _forms(value: str) -> tuple[str, ...]:
    """How a value stands in texts, in URLs, in JSON or a `repr`, and in the body of a Secret."""
    return (
        value,
        quote(value, safe=""),
        json.dumps(value)[1:-1],
        base64.b64encode(value.encode()).decode(),
    )


current: Final[ContextVar[Scrubber | None]] = ContextVar("scrubber", default=None)
"""Knows the Secrets of the project that is being reconciled; what is logged goes through it."""
