"""How deep the JSON of a request may be nested.

Whatever writes JSON has a depth that it fails at, and each another one: what is stored deeper could
not be told any more.
"""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import HTTPException
from starlette.requests import Request

DEEPEST: Final = 100
_REFUSAL: Final = f"The body is nested deeper than {DEEPEST} arrays and objects"


class ShallowRequest(Request):
    """What every route parses its body with."""

    async def json(self) -> Any:
        """
        Raises:
            JSONDecodeError
            HTTPException: as `read`.
        """
        if not hasattr(self, "_json"):
            self._json = read(await self.body())
        return self._json


def read(text: bytes) -> Any:
    """
    Raises:
        JSONDecodeError
        HTTPException: it is nested too deep; 400.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise HTTPException(400, _REFUSAL) from None
    level = [value]
    for _ in range(DEEPEST):
        level = [child for parent in level for child in _inside(parent)]
        if not level:
            return value
    raise HTTPException(400, _REFUSAL)


def _inside(value: Any) -> list[Any]:
    """The arrays and objects directly in it."""
    if not isinstance(value, (dict, list)):
        return []
    parts = value.values() if isinstance(value, dict) else value
    return [part for part in parts if isinstance(part, (dict, list))]
