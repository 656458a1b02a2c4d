from __future__ import annotations

import re

import httpx
import pytest
from fastapi import FastAPI

from supamanager_api import app, errors
from supamanager_api.http import permissions, routes
from supamanager_api.http.routing import Router


def mounted(*paths: str, prefixes: tuple[str, ...] = ("/platform", "")) -> routes.Mounted:
    router = Router()
    for path in paths:
        router.add_api_route(path, lambda: None, name=path)
    return routes.Mounted(router, prefixes)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], permissions.Access]:
    rows: dict[tuple[str, str], permissions.Access] = {}
    monkeypatch.setattr(permissions, "ROUTES", rows)
    return rows


def test_routes_and_rows_agree(table: dict[tuple[str, str], permissions.Access]):
    table["GET", "/platform/a"] = permissions.Open.PUBLIC
    application, given = FastAPI(openapi_url=None), mounted("/a")
    served = routes.mount(application, [given])
    routes.check(application, [given])
    assert [route.path for route in served.routes] == ["/platform/a", "/a"]


def test_a_route_without_a_row(table: dict[tuple[str, str], permissions.Access]):
    table["GET", "/platform/a"] = permissions.Open.PUBLIC
    application, given = FastAPI(openapi_url=None), mounted("/a", "/b")
    routes.mount(application, [given])
    with pytest.raises(errors.RouteError, match="GET /platform/b has no permission"):
        routes.check(application, [given])


def test_a_row_without_a_route(table: dict[tuple[str, str], permissions.Access]):
    table["DELETE", "/platform/a"] = permissions.Open.ACCOUNT
    with pytest.raises(errors.RouteError, match="DELETE /platform/a is no route"):
        routes.check(FastAPI(openapi_url=None), [])


def test_a_route_beside_the_guards(table: dict[tuple[str, str], permissions.Access]):
    table["GET", "/platform/a"] = permissions.Open.PUBLIC
    application, given = FastAPI(openapi_url=None), mounted("/a")
    routes.mount(application, [given])
    application.add_api_route("/hidden", lambda: None)
    with pytest.raises(errors.RouteError, match="GET /hidden has no guard"):
        routes.check(application, [given])


async def test_a_route_without_a_row_is_closed(
    table: dict[tuple[str, str], permissions.Access],
):
    application, given = FastAPI(openapi_url=None), mounted("/a")
    routes.mount(application, [given])
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        for path in ("/a", "/platform/a"):
            with pytest.raises(errors.Forbidden):
                await client.get(path)


def test_the_application_fails_without_a_row(application: FastAPI, monkeypatch: pytest.MonkeyPatch):
    for row in permissions.ROUTES:
        rows = {key: value for key, value in permissions.ROUTES.items() if key != row}
        monkeypatch.setattr(permissions, "ROUTES", rows)
        with pytest.raises(errors.RouteError, match=re.escape(" ".join(row))):
            routes.check(application, app.ROUTERS)


def test_the_description(application: FastAPI):
    description = application.openapi()
    assert description["openapi"].startswith("3.1")
    operations = [
        (path, method, operation["operationId"])
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    assert {(method.upper(), path) for path, method, _ in operations} == set(permissions.ROUTES)
    ids = [name for _, _, name in operations]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", name) for name in ids)


def test_references_of_the_description(application: FastAPI):
    description = application.openapi()
    schemas = description["components"]["schemas"]
    named = set(re.findall(r"'#/components/schemas/([^']+)'", str(description)))
    assert named == set(schemas)
