from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import Match

from supamanager_api.http.dispatch import Index, Served


async def endpoint() -> None: ...


def index(*paths: str, methods: tuple[str, ...] = ("GET",)) -> Index:
    made = Index()
    for path in paths:
        for method in methods:
            made.add(Served(path, endpoint, methods=[method]))
    return made


def found(routes: Index, path: str, method: str = "GET") -> tuple[Match, str | None, Any]:
    scope = {"type": "http", "path": path, "method": method, "root_path": ""}
    match, child = routes.matches(scope)
    route = child.get("route")
    return match, route and route.path, child.get("path_params")


def test_the_route_of_a_path():
    routes = index("/", "/a", "/a/{b}", "/a/{b}/c", "/a/{b}/{c}")
    assert found(routes, "/") == (Match.FULL, "/", {})
    assert found(routes, "/a") == (Match.FULL, "/a", {})
    assert found(routes, "/a/1") == (Match.FULL, "/a/{b}", {"b": "1"})
    assert found(routes, "/a/1/c") == (Match.FULL, "/a/{b}/c", {"b": "1"})
    assert found(routes, "/a/1/d") == (Match.FULL, "/a/{b}/{c}", {"b": "1", "c": "d"})


@pytest.mark.parametrize("path", ["/b", "/a/1/c/d", "/a/", "//a", "", "/A", "/a/1/c/"])
def test_no_route(path: str):
    assert found(index("/a", "/a/{b}", "/a/{b}/c"), path)[0] is Match.NONE


def test_the_first_of_two_answers():
    assert found(index("/a/{b}", "/a/new"), "/a/new")[1] == "/a/{b}"
    assert found(index("/a/new", "/a/{b}"), "/a/new")[1] == "/a/new"


def test_a_parameter_that_takes_all_that_follows():
    routes = index("/a/b", "/a/{rest:path}", "/a/b/c")
    assert found(routes, "/a/b")[1] == "/a/b"
    assert found(routes, "/a/b/c") == (Match.FULL, "/a/{rest:path}", {"rest": "b/c"})
    assert found(routes, "/a/") == (Match.FULL, "/a/{rest:path}", {"rest": ""})


def test_a_parameter_within_a_segment():
    assert found(index("/a/{b}.json"), "/a/1.json")[2] == {"b": "1"}
    assert found(index("/a/{b}.json"), "/a/1.xml")[0] is Match.NONE


def test_another_method_of_a_path():
    routes = index("/a", methods=("POST", "PUT"))
    assert found(routes, "/a", "PUT")[0] is Match.FULL
    assert found(routes, "/a", "GET")[0] is Match.PARTIAL


def test_every_route_is_found_under_its_own_path(application: FastAPI):
    """Whatever the index looks at, the answer is that of asking one route after the other."""
    [routes] = [each for each in application.routes if isinstance(each, Index)]
    for served in routes.routes:
        for method in served.methods or ():
            path = served.path_format
            for name in served.param_convertors:
                path = path.replace(f"{{{name}}}", "1")
            scope = {"type": "http", "path": path, "method": method, "root_path": ""}
            first = next(r for r in routes.routes if r.matches(scope)[0] is Match.FULL)
            assert routes.matches(scope)[1]["route"] is first, (method, path)
