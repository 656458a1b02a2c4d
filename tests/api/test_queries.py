"""Every named query is prepared on a migrated database and compared with its Python types."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import pkgutil
import re
import types
import typing
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

import supamanager_api
from supamanager_api import migrations, sql

INTEGERS = {"int2", "int4", "int8"}
COLUMN_TYPES: dict[Any, set[str]] = {
    str: {"text", "varchar"},
    int: INTEGERS,
    bool: {"bool"},
    float: {"float4", "float8"},
    bytes: {"bytea"},
    datetime: {"timestamptz"},
    UUID: {"uuid"},
    dict: {"json", "jsonb"},
    list: {"json", "jsonb"},
}
ARRAYS: dict[Any, set[str]] = {
    str: {"text[]"},
    UUID: {"uuid[]"},
    int: {f"{name}[]" for name in INTEGERS},
}


def modules() -> None:
    """Import everything that may make queries."""
    for module in pkgutil.walk_packages(supamanager_api.__path__, "supamanager_api."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


modules()
QUERIES = {query.statement.name: query for query in sql.queries()}


@pytest.fixture(scope="module")
def migrated(management_postgres) -> str:
    """The address of a database with our tables and no rows."""
    return str(management_postgres.create_database("queries_are_checked"))


def split(hint: Any) -> tuple[Any, bool]:
    """A type without None, and whether it may be None."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        rest = [part for part in typing.get_args(hint) if part is not type(None)]
        assert len(rest) == 1, f"{hint} is no column's type"
        return rest[0], True
    return hint, False


def accepts(hint: Any, name: str) -> bool:
    """Whether values of the type travel as the PostgreSQL type of this name."""
    kind, _ = split(hint)
    origin = typing.get_origin(kind) or kind
    if origin is typing.Literal:
        origin = str
    if origin is typing.Any:
        return name in {"json", "jsonb"}
    if name.endswith("[]"):
        element, *_ = typing.get_args(kind) or (None,)
        return origin in (list, tuple) and name in ARRAYS.get(element, set())
    if isinstance(origin, type) and issubclass(origin, enum.Enum):
        return name in COLUMN_TYPES[str]
    return name in COLUMN_TYPES.get(origin, set())


def test_every_query_is_used():
    assert set(sql.statements()) == set(QUERIES)
    assert len(sql.queries()) == len(QUERIES), "a query is declared twice"


def test_queries_lie_in_the_file_of_their_table():
    for name, statement in sql.statements().items():
        tables = re.findall(r"\b(?:FROM|INTO|UPDATE|JOIN) (\w+)", statement.text)
        assert statement.table in tables or not tables, name


async def check_all(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await migrations.run(connection, migrations.load())
        required = await not_null(connection)
        problems: list[str] = []
        for name, query in sorted(QUERIES.items()):
            statement = await connection.prepare(query.statement.text)
            problems += [f"{name}: {text}" for text in check_parameters(query, statement)]
            problems += [f"{name}: {text}" for text in check_columns(query, statement, required)]
    finally:
        await connection.close()
    assert not problems, "\n".join(problems)


async def test_on_the_management_database(migrated: str):
    await check_all(migrated)


async def test_on_older_majors(project_postgres):
    url = project_postgres.create_database("queries_are_checked")
    try:
        await check_all(url)
    finally:
        project_postgres.drop_database("queries_are_checked")


def check_parameters(query: sql.Query, statement: Any) -> list[str]:
    given, asked = query.parameters, [item.name for item in statement.get_parameters()]
    if len(given) != len(asked):
        return [f"{len(given)} parameters are declared, {len(asked)} are asked for"]
    return [
        f"parameter ${number} is {name}, declared as {hint}"
        for number, (hint, name) in enumerate(zip(given, asked, strict=True), start=1)
        if not accepts(hint, name)
    ]


def check_columns(
    query: sql.Query, statement: Any, required: dict[str, dict[str, bool]]
) -> list[str]:
    columns = {item.name: item.type.name for item in statement.get_attributes()}
    if query.row is None:
        return [f":exec returns {sorted(columns)}"] if columns else []
    fields = {field.name for field in dataclasses.fields(query.row)}
    if fields != set(columns):
        return [f"columns {sorted(columns)} are not the fields {sorted(fields)}"]
    hints = typing.get_type_hints(query.row)
    problems = []
    for name, kind in columns.items():
        if not accepts(hints[name], kind):
            problems.append(f"column {name} is {kind}, declared as {hints[name]}")
        filled = always_filled(query.statement.text, name, required)
        if filled is not None and filled == split(hints[name])[1]:
            state = "never" if filled else "sometimes"
            problems.append(f"column {name} is {state} null, declared as {hints[name]}")
    return problems


def always_filled(text: str, column: str, required: dict[str, dict[str, bool]]) -> bool | None:
    """Whether a column that is returned as it is stored can be null; None if that is unclear."""
    if re.search(r"\b(left|right|full)\b.*\bjoin\b", text, re.IGNORECASE | re.DOTALL):
        return None
    if re.search(rf"\bAS {column}\b", text):
        return None
    states = {
        required[table][column]
        for table in required
        if re.search(rf"\b{table}\b", text) and column in required[table]
    }
    return states.pop() if len(states) == 1 else None


async def not_null(connection: Any) -> dict[str, dict[str, bool]]:
    """Table → column → whether it is never null."""
    rows = await connection.fetch(
        # Of the columns of a view nobody knows.
        "SELECT c.table_name, c.column_name, c.is_nullable = 'NO' AS filled "
        "FROM information_schema.columns AS c JOIN information_schema.tables AS t "
        "USING (table_schema, table_name) "
        "WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
    )
    found: dict[str, dict[str, bool]] = {}
    for row in rows:
        found.setdefault(row["table_name"], {})[row["column_name"]] = row["filled"]
    return found


@dataclasses.dataclass(frozen=True)
class Wrong:
    id: str
    password_hash: str | None


@dataclasses.dataclass(frozen=True)
class Short:
    id: int


async def test_the_check_finds_mistakes(migrated: str):
    """Declarations that differ from the database are told apart from right ones."""
    text = sql.statements()["GetCredentialsByEmail"].text

    def declared(row: Any, *parameters: Any) -> Any:
        return types.SimpleNamespace(
            statement=types.SimpleNamespace(text=text), row=row, parameters=parameters
        )

    connection = await asyncpg.connect(migrated)
    try:
        await migrations.run(connection, migrations.load())
        required = await not_null(connection)
        statement = await connection.prepare(text)
        parameters = [
            check_parameters(declared(None, *given), statement) for given in [(str,), (), (int,)]
        ]
        columns = [
            check_columns(declared(row), statement, required) for row in (None, Short, Wrong)
        ]
    finally:
        await connection.close()
    assert parameters == [
        [],
        ["0 parameters are declared, 1 are asked for"],
        ["parameter $1 is text, declared as <class 'int'>"],
    ]
    assert columns == [
        [":exec returns ['id', 'password_hash']"],
        ["columns ['id', 'password_hash'] are not the fields ['id']"],
        [
            "column id is int4, declared as <class 'str'>",
            "column password_hash is never null, declared as str | None",
        ],
    ]
