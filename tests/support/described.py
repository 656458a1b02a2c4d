"""Answers beside what the OpenAPI document says of their operation: statuses, kinds and shapes.

Every client of the tests asks this of each answer, so a document that says something else than the
API does fails the test that sees it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from supamanager_api import app, settings


@dataclass(frozen=True)
class Operation:
    method: str
    template: str
    pattern: re.Pattern[str]
    responses: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


class Description:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._operations: dict[tuple[str, int], list[Operation]] = {}
        for each in sorted(_operations(document), key=lambda each: each.template.count("{")):
            self._operations.setdefault((each.method, each.template.count("/")), []).append(each)
        self._components = _closed(document["components"])
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def operation(self, method: str, path: str) -> Operation | None:
        """None: what was asked for is no route."""
        similar = self._operations.get((method, path.count("/")), ())
        return next((each for each in similar if each.pattern.fullmatch(path)), None)

    def check(self, method: str, path: str, *, status: int, kind: str, body: bytes) -> None:
        """
        Raises:
            AssertionError: the answer is not one that the document tells of.
        """
        operation = self.operation(method, path)
        if operation is None:
            return
        told = operation.responses.get(str(status)) or operation.responses.get(f"{status // 100}XX")
        assert told is not None, f"{operation}: {status} is not described: {body[:300]!r}"
        if method == "HEAD":
            return
        contents = told.get("content", {})
        if not contents:
            assert not body, f"{operation}: {status} is described without a body: {body[:300]!r}"
            return
        if "*/*" in contents:
            return
        given = kind.partition(";")[0]
        assert given in contents, f"{operation}: {status} is not described as {given}"
        if given == "application/json" and (schema := contents[given].get("schema")):
            self._compare(f"{operation}: {status}", schema, json.loads(body))

    def _compare(self, where: str, schema: Any, value: Any) -> None:
        validator = self._validators.get(where)
        if validator is None:
            whole = {**_closed(schema), "components": self._components}
            validator = self._validators[where] = jsonschema_rs.validator_for(whole)
        problems = [
            f"{'.'.join(map(str, error.instance_path))}: {error.message}"
            for error in validator.iter_errors(value)
        ]
        assert not problems, f"{where}: " + "; ".join(problems)[:2000]


class Client(httpx.Client):
    """Checks each answer that is read whole."""

    def send(self, request: httpx.Request, *, stream: bool = False, **options: Any) -> Any:
        answer = super().send(request, stream=stream, **options)
        if not stream:
            ours().check(
                request.method,
                request.url.path,
                status=answer.status_code,
                kind=answer.headers.get("content-type", ""),
                body=answer.content,
            )
        return answer


@cache
def ours() -> Description:
    return Description(document())


@cache
def document() -> dict[str, Any]:
    """The description of the API, as each of its processes gives it."""
    environment = {
        "DATABASE_URL": "postgresql://nowhere/db",
        "JWT_SECRET": "b1Zk8s0Qe7LxV3mJw9Tg5HnYc2Rd6PuA",
        "ENCRYPTION_SECRET": "Xq4Nf7Wt0Kz9Gy2Ls5Bv8Dm1Cj6Hr3Ep",
        "DOMAIN_BASE": "example.com",
        "DOMAIN_STUDIO_URL": "https://studio.example.com",
    }
    return app.create_app(settings.read(environment)).openapi()


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Under each prefix that its router is mounted under."""
    described = document["paths"]
    for mounted in app.ROUTERS:
        for route in mounted.router.routes:
            path = getattr(route, "path", "")
            methods = described[mounted.prefixes[0] + path]
            for method, operation in methods.items():
                for prefix in mounted.prefixes:
                    yield Operation(
                        method.upper(),
                        prefix + path,
                        re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(prefix + path))),
                        operation["responses"],
                    )


def _closed(schema: Any) -> Any:
    """The schema without room for fields that it does not name."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: value if key == "const" else _closed(value) for key, value in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        closed.setdefault("additionalProperties", False)
    return closed
