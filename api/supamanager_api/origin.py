"""Where a change comes from: the request that is being answered.

Every transaction of the request tells the database, whose triggers write it into the audit log.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final


@dataclass(kw_only=True)
class Origin:
    """Filled in as more becomes known; without an account the request is one of nobody."""

    request_id: str
    address: str | None
    method: str
    route: str | None = None
    status: int | None = None
    """What the route answers when it succeeds."""
    account_id: int | None = None
    gotrue_id: str | None = None
    email: str | None = None
    token: str | None = None
    """What kind of token was sent."""

    def text(self) -> str:
        values: dict[str, Any] = {
            "kind": "anonymous" if self.account_id is None else "account",
            **{name: value for name, value in vars(self).items() if value is not None},
        }
        return json.dumps(values, ensure_ascii=False)


CURRENT: Final[ContextVar[Origin | None]] = ContextVar("origin", default=None)
"""None: what happens is not done by a request."""
