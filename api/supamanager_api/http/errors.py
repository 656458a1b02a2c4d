"""Every failure as JSON, in the dialect of its path.

`platform` says `{"message"}`; GoTrue says `{"code", "error_code", "msg"}`.
"""

from __future__ import annotations

import logging
from typing import Any, Final

import asyncpg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from supamanager_api import errors
from supamanager_api.projects import later

logger = logging.getLogger(__name__)

STATUS: Final[dict[type[errors.ApiError], int]] = {
    errors.Invalid: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.WrongContentType: 415,
    errors.Unprocessable: 422,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
    errors.TimedOut: 504,
}

_GOTRUE_STATUS: Final = {"bad_jwt": 403, "session_not_found": 403}
"""Codes whose status differs in that dialect."""
_GOTRUE_PATHS: Final = frozenset(
    {
        *("token", "user", "logout", "health", "settings"),
        *("recover", "resend", "verify", "factors"),
    }
)
_HTTP_CODES: Final = {
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "request_too_large",
}
_RETRY_SECONDS: Final = {429: "2", 503: "2"}

INTERNAL: Final = "Internal server error"


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.ApiError, _api_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(asyncpg.DataError, _data_error)
    app.add_exception_handler(asyncpg.CharacterNotInRepertoireError, _data_error)


def internal(connection: HTTPConnection) -> Response:
    """The answer to a failure that nobody expected; it says nothing about it."""
    return _answer(connection, 500, message=INTERNAL, code="unexpected_failure")


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.ApiError)
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    headers = {}
    if isinstance(error, errors.TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    return _answer(request, status, message=error.message, code=error.code, headers=headers)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status, detail = error.status_code, str(error.detail)
    if status in (404, 405) and (expected := later.route(request.method, request.url.path)):
        status, detail = 404, expected
    code = _HTTP_CODES.get(status, "bad_json" if status == 400 else "unexpected_failure")
    return _answer(request, status, message=detail, code=code, headers=dict(error.headers or {}))


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    texts = [f"{_place(problem['loc'])}: {_reason(problem)}" for problem in problems]
    code = "bad_json" if problems[0]["type"] == "json_invalid" else "validation_failed"
    return _answer(request, 400, message="; ".join(texts), code=code)


async def _data_error(request: Request, error: Exception) -> Response:
    """A value that a column cannot hold, as a number beyond its range or the character NUL."""
    logger.info("a value was refused by the database", extra={"reason": type(error).__name__})
    return _answer(request, 400, message="A value is not valid", code="validation_failed")


def _answer(
    connection: HTTPConnection,
    status: int,
    *,
    message: str,
    code: str,
    headers: dict[str, str] | None = None,
) -> Response:
    headers = dict(headers or {})
    if retry := _RETRY_SECONDS.get(status):
        headers.setdefault("Retry-After", retry)
    body: dict[str, Any] = {"message": message}
    if is_gotrue(connection.url.path):
        status = _GOTRUE_STATUS.get(code, status)
        body = {"code": status, "error_code": code, "msg": message}
    return JSONResponse(body, status, headers)


def is_gotrue(path: str) -> bool:
    """`/auth/v1/*` and the bare paths of 2024; `/auth/{ref}/*` is about a project."""
    parts = path.strip("/").split("/")
    return parts[0] == "auth" and len(parts) > 1 and parts[1] in {"v1", *_GOTRUE_PATHS}


def _place(location: tuple[Any, ...]) -> str:
    """`body.name` and the like; the position inside a broken JSON text says nothing."""
    return ".".join(str(part) for part in location if not (part is location[-1] and _is_int(part)))


def _is_int(part: Any) -> bool:
    return isinstance(part, int)


def _reason(problem: Any) -> str:
    if problem["type"] == "json_invalid":
        return "is not valid JSON"
    return str(problem["msg"]).removeprefix("Value error, ")
