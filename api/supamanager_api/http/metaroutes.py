"""The routes of postgres-meta that are passed on, and what each asks for: one table.

A path and method that is not in it answers 404, whatever a later postgres-meta may have there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from supamanager_api.permissions import Permission

READ: Final = "tenant:Sql:Admin:Read"
WRITE: Final = "tenant:Sql:Admin:Write"
SELECT: Final = Permission("tenant:Sql:Read:Select", "*")
"""Whoever may run SQL at all; without QUERY it runs in a role that cannot write."""
QUERY: Final = Permission("tenant:Sql:Query", "*")


@dataclass(frozen=True)
class _Kind:
    """Things of one kind: `methods` on all of them, `own` on the one that an id names."""

    name: str
    resource: str
    methods: tuple[str, ...] = ("GET",)
    own: tuple[str, ...] = ()


_ALL: Final = ("GET", "POST")
_OWN: Final = ("GET", "PATCH", "DELETE")
_PRIVILEGES: Final = ("GET", "POST", "DELETE")

_KINDS: Final = (
    _Kind("tables", "tables", _ALL, _OWN),
    _Kind("columns", "columns", _ALL, _OWN),
    _Kind("schemas", "schemas", _ALL, _OWN),
    _Kind("functions", "functions", _ALL, _OWN),
    _Kind("triggers", "triggers", _ALL, _OWN),
    _Kind("policies", "policies", _ALL, _OWN),
    _Kind("publications", "publications", _ALL, _OWN),
    _Kind("extensions", "extensions", _ALL, _OWN),
    _Kind("roles", "roles", _ALL, _OWN),
    _Kind("views", "tables", own=("GET",)),
    _Kind("materialized-views", "tables", own=("GET",)),
    _Kind("foreign-tables", "tables", own=("GET",)),
    _Kind("indexes", "tables", own=("GET",)),
    _Kind("types", "types"),
    _Kind("table-privileges", "tables", _PRIVILEGES),
    _Kind("column-privileges", "columns", _PRIVILEGES),
    _Kind("generators/typescript", "tables"),
)
_QUERY: Final = "query"
_QUERIES: Final = (_QUERY, "query/format")

STUDIO: Final = "/platform/pg-meta/{ref}"
DIRECT: Final = "/pg"


@dataclass(frozen=True)
class MetaRoute:
    """A route of ours. `own`: it is about one thing, whose id Studio sends in the query, and
    others in the path, as postgres-meta has it."""

    prefix: str
    method: str
    kind: str
    permission: Permission
    own: bool = False

    @property
    def path(self) -> str:
        return f"{self.prefix}/{self.kind}" + ("/{id}" if self.own and self.direct else "")

    @property
    def direct(self) -> bool:
        return self.prefix == DIRECT

    @property
    def name(self) -> str:
        words = "pg" if self.direct else "pg_meta"
        kind = self.kind.replace("/", "_").replace("-", "_")
        one = "_by_id" if self.own and self.direct else ""
        return f"{words}_{self.method.lower()}_{kind}{one}"

    @property
    def takes_sql(self) -> bool:
        return self.kind in _QUERIES

    @property
    def executes(self) -> bool:
        """Whether the SQL is run, not only taken."""
        return self.kind == _QUERY

    @property
    def writes(self) -> bool:
        return self.permission.action == WRITE


def _routes() -> Iterator[MetaRoute]:
    for kind in _KINDS:
        for method in dict.fromkeys((*kind.methods, *kind.own)):
            permission = Permission(READ if method == "GET" else WRITE, kind.resource)
            own = method in kind.own
            yield MetaRoute(STUDIO, method, kind.name, permission, own)
            if own:
                yield MetaRoute(DIRECT, method, kind.name, permission, own)
            if method in kind.methods:
                yield MetaRoute(DIRECT, method, kind.name, permission)
    for name in _QUERIES:
        yield MetaRoute(STUDIO, "POST", name, SELECT)
        yield MetaRoute(DIRECT, "POST", name, SELECT)


ROUTES: Final = tuple(_routes())
