"""Mounting routers, each under one or more prefixes, with its rows of the permission table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import Request

from supamanager_api import errors, origin
from supamanager_api.http import authorization, bodies
from supamanager_api.http.permissions import ROUTES


@dataclass(frozen=True)
class Mounted:
    """A router; its paths under the first prefix are the ones in the table and in OpenAPI."""

    router: APIRouter
    prefixes: tuple[str, ...]


def mount(app: FastAPI, mounted: Mounted) -> None:
    canonical = mounted.prefixes[0]
    for prefix in mounted.prefixes:
        app.include_router(
            mounted.router,
            prefix=prefix,
            dependencies=[Depends(_Guard(canonical))],
            include_in_schema=prefix == canonical,
        )


def check(app: FastAPI, table: Sequence[Mounted]) -> None:
    """Compare the routes that the application answers with the table of permissions.

    Raises:
        RouteError: a route has no row, is not behind a guard, or a row has no route.
    """
    expected = {
        (method, prefix + route.path): (method, mounted.prefixes[0] + route.path)
        for mounted in table
        for route in mounted.router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
        for prefix in mounted.prefixes
    }
    answered = {
        (method, context.path or "")
        for context in iter_route_contexts(app.routes)
        for method in context.methods or {"ANY"}
    }
    problems = [f"{_text(route)} has no guard" for route in sorted(answered - set(expected))]
    problems += [f"{_text(route)} is never answered" for route in sorted(set(expected) - answered)]
    needed = set(expected.values())
    problems += [f"{_text(route)} has no permission" for route in sorted(needed - set(ROUTES))]
    problems += [f"{_text(route)} is no route" for route in sorted(set(ROUTES) - needed)]
    if problems:
        raise errors.RouteError("routes and permissions disagree: " + "; ".join(problems))


class _Guard:
    """Authorizes a request by the row of its route, and leaves the principal in its state."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    async def __call__(self, request: Request) -> None:
        route: Any = request.scope["route"]
        template = self._prefix + route.path
        request.scope["supamanager.route"] = template
        access = ROUTES.get((request.method, template))
        if access is None:
            raise errors.Forbidden("This route is closed")
        if (current := origin.CURRENT.get()) is not None:
            current.route = template
            current.status = route.status_code or 200
        request.state.principal = await authorization.authorize(request, access)
        if route.body_field is not None:
            bodies.check_content_type(request.headers)


def _text(route: tuple[str, str]) -> str:
    return " ".join(route)
