"""The OpenAPI document: what FastAPI derives from the routes, and what it cannot know of ours.

Every operation tells whether it needs a token, and how failures look in the dialect of its path.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from supamanager_api import __version__
from supamanager_api.http import errors
from supamanager_api.http.permissions import ROUTES, Open

_SCHEME: Final = "token"
_ERROR: Final = "Error"
_GOTRUE_ERROR: Final = "AuthError"
_TEXT: Final = {"type": "string"}

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


def install(app: FastAPI) -> None:
    """Have `app.openapi()` give the document; it is made once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=__version__, routes=app.routes)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, path, public=ROUTES[method.upper(), path] is Open.PUBLIC)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _OWN:
        schemas.pop(name, None)
    schemas.update(_SCHEMAS)
    components["securitySchemes"] = {_SCHEME: {"type": "http", "scheme": "bearer"}}
    return document


def _complete(operation: dict[str, Any], path: str, *, public: bool) -> None:
    operation["security"] = [] if public else [{_SCHEME: []}]
    name = _GOTRUE_ERROR if errors.is_gotrue(path) else _ERROR
    schema = {"$ref": f"#/components/schemas/{name}"}
    failure = {"content": {"application/json": {"schema": schema}}}
    responses = operation["responses"]
    responses.pop("422", None)
    responses["4XX"] = {"description": "The request cannot be answered: why is told.", **failure}
    responses["5XX"] = {"description": "It failed here; try again.", **failure}
