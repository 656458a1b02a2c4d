"""The OpenAPI document: what FastAPI derives from the routes, and what it cannot know of ours.

Every operation tells whether it needs a token, the failures that its path, its body and its row in
the table of permissions lead to, and how a failure looks in the dialect of its path. Failures of an
operation's own are at its route, with `failures.told`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from supamanager_api import __version__
from supamanager_api import errors as failing
from supamanager_api.http import errors, failures, links, routing
from supamanager_api.http.permissions import ROUTES, Access, Member, Open

_SCHEME: Final = "token"
_ERROR: Final = "Error"
_GOTRUE_ERROR: Final = "AuthError"
_TEXT: Final = {"type": "string"}
_BODY: Final[failures.Responses] = {
    408: {"description": "The body did not arrive in time."},
    413: {"description": "The body is too large."},
}
_BROKEN: Final[failures.Responses] = {"5XX": {"description": "It failed here; try again."}}

_SCHEMAS: Final[dict[str, Any]] = {
    _ERROR: {
        "type": "object",
        "required": ["message"],
        "properties": {"message": _TEXT},
    },
    _GOTRUE_ERROR: {
        "type": "object",
        "required": ["code", "error_code", "msg"],
        "properties": {"code": {"type": "integer"}, "error_code": _TEXT, "msg": _TEXT},
    },
}
_OWN: Final = frozenset({"HTTPValidationError", "ValidationError"})
"""FastAPI's own schemas of failures, which are answered in our dialects instead."""


def install(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Have `app.openapi()` give the document of the routes; it is made once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app.title, routes)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way


def _document(title: str, routes: Sequence[BaseRoute]) -> dict[str, Any]:
    document = get_openapi(title=title, version=__version__, routes=routes)
    routing.describe(document)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, path, access=ROUTES[method.upper(), path])
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _OWN:
        schemas.pop(name, None)
    schemas.update(_SCHEMAS)
    components["securitySchemes"] = {_SCHEME: {"type": "http", "scheme": "bearer"}}
    links.add(document)
    return document


def _complete(operation: dict[str, Any], path: str, *, access: Access) -> None:
    operation["security"] = [] if access is Open.PUBLIC else [{_SCHEME: []}]
    name = _GOTRUE_ERROR if errors.is_gotrue(path) else _ERROR
    failure = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    if "2XX" in responses:
        del responses["200"]
    if "4XX" not in responses:
        for status, told in _common(operation, path, access):
            responses.setdefault(str(status), dict(told))
    for status, told in responses.items():
        if status.startswith(("4", "5")):
            told.setdefault("content", failure)


def _common(
    operation: dict[str, Any], path: str, access: Access
) -> Iterator[tuple[int | str, dict[str, Any]]]:
    """The failures that an operation has like others of its kind."""
    if operation.get("parameters") or "requestBody" in operation:
        yield from failures.told(failing.Invalid).items()
    if access is not Open.PUBLIC:
        yield from failures.told(failing.Unauthenticated, failing.Forbidden).items()
    if "{" in path or isinstance(access, Member):
        yield from failures.told(failing.NotFound).items()
    if "requestBody" in operation:
        yield from failures.told(failing.WrongContentType).items()
        yield from _BODY.items()
    yield from _BROKEN.items()
