"""Failures of calls to the API server.

KubeError
├── Unreachable      no answer: connection, TLS, time-out
├── Forbidden        403: a rule is missing, or the namespace is terminating
├── NotFound         404
├── Conflict         409: field owners, a resourceVersion or uid that is not the live one
├── AlreadyExists    409 of a create
├── Gone             410: the resourceVersion of a watch is too old
└── Invalid          422: the server's validation
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_TERMINATING = "NamespaceTerminating"


@dataclass(frozen=True)
class Cause:
    """One entry of `details.causes`: for a conflict the message names the manager."""

    reason: str
    field: str
    message: str


class KubeError(Exception):
    """`message` is the server's text; it never holds the values that were sent."""

    def __init__(
        self, message: str, *, status: int = 0, reason: str = "", causes: tuple[Cause, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.reason = reason
        self.causes = causes

    @property
    def retriable(self) -> bool:
        return self.status == 429 or self.status >= 500 or isinstance(self, Unreachable)

    @property
    def namespace_terminating(self) -> bool:
        return any(cause.reason == _TERMINATING for cause in self.causes)


class Unreachable(KubeError):
    pass


class Forbidden(KubeError):
    pass


class NotFound(KubeError):
    pass


class Conflict(KubeError):
    pass


class AlreadyExists(KubeError):
    pass


class Gone(KubeError):
    pass


class Invalid(KubeError):
    pass


_BY_STATUS: dict[int, type[KubeError]] = {
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: Invalid,
}


def from_status(code: int, body: dict[str, Any]) -> KubeError:
    """The error of a `Status` object, or of an HTTP answer that is none."""
    reason = str(body.get("reason") or "")
    details = body.get("details") or {}
    causes = tuple(
        Cause(
            str(cause.get("reason") or ""),
            str(cause.get("field") or ""),
            str(cause.get("message") or ""),
        )
        for cause in details.get("causes") or ()
    )
    cls = AlreadyExists if reason == "AlreadyExists" else _BY_STATUS.get(code, KubeError)
    message = str(body.get("message") or f"the API server answered {code}")
    return cls(message, status=code, reason=reason, causes=causes)
