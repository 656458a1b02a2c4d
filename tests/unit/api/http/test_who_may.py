"""The written table of who may do what names every route, and the permissions say the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from isolation import ACCOUNT, MAKERS, PLATFORM, PUBLIC, Line, read, routes
from supamanager_api import app, permissions
from supamanager_api.http.permissions import ROUTES, Member, Open
from supamanager_api.permissions import Held, Role

TABLE = Path(__file__).parents[3] / "api" / "isolation" / "routes.txt"
LINES = read(TABLE)
NOTHING: dict[str, object] = {}


def test_every_route_has_a_line():
    known = {route for mounted in app.ROUTERS for route in routes(mounted)}
    written = {line.route for line in LINES}
    assert known - written == set(), f"write a line for these into {TABLE}"
    assert written - known == set(), "there is no such route"


def test_no_line_is_there_twice():
    again = Counter((line.method, line.target, line.body) for line in LINES)
    assert [key for key, count in again.items() if count > 1] == []


def test_every_name_after_an_at_has_a_maker():
    used = {text[1:] for line in LINES for text in line.options.values() if text[0] == "@"}
    assert used == set(MAKERS)


def test_the_permissions_give_each_role_what_the_table_says():
    assert [
        (str(line), line.who, allowed(line))
        for line in LINES
        if line.who not in (allowed(line), allowed(line, data=None))
    ] == []


def allowed(line: Line, *, data: dict[str, object] | None = NOTHING) -> str:
    """As the table would write it, from the permission of the route: for a resource of which
    nothing is known, or (`None`) for one that conditions could allow."""
    access = ROUTES[line.route]
    if isinstance(access, Open):
        return {Open.PUBLIC: PUBLIC, Open.PLATFORM: PLATFORM}.get(access, ACCOUNT)
    assert isinstance(access, Member)
    allows = permissions.DEFAULTS.allows
    if not access.detailed:
        data = NOTHING
    return "".join(
        letter if allows([Held(role)], access.permission, data=data) else "-"
        for letter, role in zip("OADR", Role, strict=True)
    )
