"""Failures that a caller is told about, and failures of a start.

ApiError                 what a request may be answered with; `http.errors` gives each its status
├── Invalid              the request says something that cannot be
├── Unauthenticated      nobody, or nobody we know
├── Forbidden            somebody who may not
│   └── QuotaExceeded    more than the organization may use
├── NotFound             not there, or not theirs
├── Conflict             it contradicts what is there
├── WrongContentType     the body is of another kind than the route reads
├── Unprocessable        the cluster refuses the values
├── TooManyRequests      later
├── Unavailable          something that we need does not answer
└── TimedOut             something that we asked did not answer in time
StartError               the process cannot start
├── SettingsError        the environment
├── MigrationError       the database's schema
└── RouteError           the table of permissions and the routes disagree
"""

from __future__ import annotations

from typing import ClassVar


class ApiError(Exception):
    """`message` is shown to people; `code` is a word for programs, in the GoTrue dialect."""

    default_code: ClassVar[str] = "unexpected_failure"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code


class Invalid(ApiError):
    default_code = "validation_failed"


class Unauthenticated(ApiError):
    default_code = "no_authorization"


class Forbidden(ApiError):
    default_code = "insufficient_permissions"


class QuotaExceeded(Forbidden):
    default_code = "quota_exceeded"


class NotFound(ApiError):
    default_code = "not_found"


class Conflict(ApiError):
    default_code = "conflict"


class WrongContentType(ApiError):
    default_code = "unsupported_media_type"


class Unprocessable(ApiError):
    default_code = "validation_failed"


class TooManyRequests(ApiError):
    """`retry_after` is in seconds."""

    default_code = "over_request_rate_limit"

    def __init__(self, message: str, *, code: str | None = None, retry_after: int = 2) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class Unavailable(ApiError):
    default_code = "request_timeout"


class TimedOut(ApiError):
    default_code = "request_timeout"


class StartError(Exception):
    """The message names what to change."""


class SettingsError(StartError):
    pass


class MigrationError(StartError):
    pass


class RouteError(StartError):
    pass
