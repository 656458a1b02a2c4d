"""Mounting routers, each under one or more prefixes, with its rows of the permission table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import APIRoute

from supamanager_api import errors
from supamanager_api.http import permissions
from supamanager_api.http.dispatch import Index, Served
from supamanager_api.http.routing import Router


@dataclass(frozen=True)
class Mounted:
    """A router; its paths under the first prefix are the ones in the table and in OpenAPI."""

    router: Router
    prefixes: tuple[str, ...]


def mount(app: FastAPI, table: Sequence[Mounted]) -> Index:
    """Serve the routers of the table, the first ones first."""
    index = Index()
    for mounted in table:
        for prefix in mounted.prefixes:
            for route in mounted.router.routes:
                assert isinstance(route, Served)
                index.add(route.under(prefix, canonical=mounted.prefixes[0]))
    app.router.routes.append(index)
    return index


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
        (method, getattr(route, "path", ""))
        for each in app.routes
        for route in (each.routes if isinstance(each, Index) else [each])
        for method in getattr(route, "methods", None) or {"ANY"}
    }
    problems = [f"{_text(route)} has no guard" for route in sorted(answered - set(expected))]
    problems += [f"{_text(route)} is never answered" for route in sorted(set(expected) - answered)]
    needed = set(expected.values())
    problems += [
        f"{_text(route)} has no permission" for route in sorted(needed - set(permissions.ROUTES))
    ]
    problems += [
        f"{_text(route)} is no route" for route in sorted(set(permissions.ROUTES) - needed)
    ]
    if problems:
        raise errors.RouteError("routes and permissions disagree: " + "; ".join(problems))


def _text(route: tuple[str, str]) -> str:
    return " ".join(route)
