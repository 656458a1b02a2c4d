"""Finding the route of a path by its segments.

FastAPI asks the routers one after the other and each route of each, for every prefix: with some
five hundred of them that takes longer than the database.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, Self

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Receive, Scope, Send

from supamanager_api.http.nesting import ShallowRequest


class Served(APIRoute):
    """A route of a router, or the same under a prefix.

    `template` is its path as the table of permissions names it.
    """

    template = ""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def parsed(request: Request) -> Response:
            return await handle(ShallowRequest(request.scope, request.receive))

        return parsed

    def under(self, prefix: str, *, canonical: str) -> Self:
        """The route under a prefix; what was made of its parameters and its body is shared."""
        served = copy.copy(self)
        served.path = prefix + self.path
        served.path_regex, served.path_format, served.param_convertors = compile_path(served.path)
        served.template = canonical + self.path
        served.include_in_schema = self.include_in_schema and prefix == canonical
        return served


@dataclass
class _Node:
    """Routes that end after these segments, and what may follow."""

    literal: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    here: list[int] = field(default_factory=list)
    rest: list[int] = field(default_factory=list)
    """Routes whose next parameter takes all that follows, slashes too."""


class Index(BaseRoute):
    """All routes as one; the first that was added and matches answers, as with a list."""

    def __init__(self) -> None:
        self.routes: Final[list[Served]] = []
        self._root = _Node()

    def add(self, route: Served) -> None:
        number = len(self.routes)
        self.routes.append(route)
        node = self._root
        for segment in route.path.split("/")[1:]:
            if ":path}" in segment:
                node.rest.append(number)
                return
            if "{" in segment:
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literal.setdefault(segment, _Node())
        node.here.append(number)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        other: tuple[Match, Scope] = Match.NONE, {}
        for number in self._numbers(scope["path"].removeprefix(scope.get("root_path", ""))):
            found = self.routes[number].matches(scope)
            if found[0] is Match.FULL:
                return found
            if other[0] is Match.NONE:
                other = found
        return other

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)

    def _numbers(self, path: str) -> list[int]:
        """The routes that may match, in their order."""
        found: list[int] = []
        nodes = [self._root]
        for segment in path.split("/")[1:]:
            following = []
            for node in nodes:
                found += node.rest
                if (literal := node.literal.get(segment)) is not None:
                    following.append(literal)
                if node.parameter is not None:
                    following.append(node.parameter)
            nodes = following
        for node in nodes:
            found += node.here
        return sorted(found)
