"""Named queries of `sql/queries/*.sql`, typed.

A file holds the queries of one table, each after a line `-- name: GetAccountByEmail :one`, with
`:one`, `:many` or `:exec`. In Python each is one object that names its row and parameter types:

    ACCOUNT_BY_EMAIL = sql.One[AccountRow, str]("GetAccountByEmail")
    row = await ACCOUNT_BY_EMAIL(connection, "a@example.com")

Text that queries of a file share stands once, after `-- fragment: columns`, and is put where they
say `@columns`. A query names its columns: with `*`, a column that the next version adds would
invalidate what running processes have prepared.

Rows are frozen dataclasses whose fields are named as the columns. `queries()` lists every object
that was made, so that all can be prepared against a database and compared with it.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import re
import typing
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar, TypeVarTuple, cast

import asyncpg

from supamanager_api import database, origin
from supamanager_api.database import Connection

Row = TypeVar("Row")
Result = TypeVar("Result")
Parameters = TypeVarTuple("Parameters")

Kind = Literal["one", "many", "exec"]

_NAME: Final = re.compile(r"^-- name: (?P<name>[A-Z][A-Za-z0-9]*) :(?P<kind>one|many|exec)$")
_FRAGMENT: Final = re.compile(r"^-- fragment: (?P<name>[a-z_]+)$")
_INSERTED: Final = re.compile(r"@([a-z_]+)\b")
_WRITES: Final = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM)\b", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Statement:
    name: str
    kind: Kind
    text: str
    table: str

    @functools.cached_property
    def writes(self) -> bool:
        return _WRITES.search(self.text) is not None


def folder() -> Path:
    """Where the SQL is: package data of an installed wheel, else the checkout's `sql/`."""
    installed = Path(__file__).parent / "data" / "sql"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "sql"


def parse(text: str, *, table: str) -> Iterator[Statement]:
    """The statements of one file.

    Raises:
        ValueError: text before the first name, or a name without text.
    """
    name, kind, lines = "", "exec", list[str]()
    fragments: dict[str, str] = {}

    def finished() -> Iterator[Statement]:
        body = "\n".join(lines).strip().removesuffix(";")
        if body and not name:
            raise ValueError(f"{table}.sql: text before the first `-- name:`")
        if name and not body:
            raise ValueError(f"{table}.sql: {name} has no text")
        if kind == "fragment":
            fragments[name] = body
        elif name:
            try:
                text = _INSERTED.sub(lambda found: fragments[found[1]], body)
            except KeyError as unknown:
                raise ValueError(f"{table}.sql: {name}: no fragment {unknown}") from None
            yield Statement(name, cast("Kind", kind), text, table)

    for line in text.splitlines():
        if match := _NAME.match(line):
            yield from finished()
            name, kind, lines = match["name"], match["kind"], []
        elif match := _FRAGMENT.match(line):
            yield from finished()
            name, kind, lines = match["name"], "fragment", []
        elif not line.startswith("--"):
            lines.append(line)
    yield from finished()


@functools.cache
def statements() -> dict[str, Statement]:
    """All statements by name.

    Raises:
        ValueError: two have one name.
    """
    found: dict[str, Statement] = {}
    for path in sorted((folder() / "queries").glob("*.sql")):
        for statement in parse(path.read_text(encoding="utf-8"), table=path.stem):
            if statement.name in found:
                raise ValueError(f"{statement.name} is in {path.name} and elsewhere")
            found[statement.name] = statement
    return found


_made: Final[list[Query]] = []


def queries() -> tuple[Query, ...]:
    """Every query object of the modules that were imported."""
    return tuple(_made)


class Query:
    """The common part: looks its text up when it is made, so a wrong name stops the start."""

    kind: ClassVar[Kind]
    __orig_class__: Any

    def __init__(self, name: str) -> None:
        statement = statements().get(name)
        if statement is None:
            raise LookupError(f"no query is named {name}")
        if statement.kind != self.kind:
            raise LookupError(f"{name} is marked :{statement.kind} and used as :{self.kind}")
        self.statement = statement
        _made.append(self)

    @property
    def row(self) -> Any:
        """The row type; None for `:exec`."""
        return None if self.kind == "exec" else typing.get_args(self.__orig_class__)[0]

    @property
    def parameters(self) -> tuple[Any, ...]:
        """The parameter types, in order."""
        return typing.get_args(self.__orig_class__)[self.kind != "exec" :]

    async def _send(
        self,
        connection: Connection,
        method: Callable[..., Awaitable[Result]],
        parameters: tuple[Any, ...],
    ) -> Result:
        """Run it; outside of a transaction a change gets one that tells where it comes from."""
        alone = self.statement.writes and not connection.is_in_transaction()
        if not alone or origin.CURRENT.get() is None:
            return await method(self.statement.text, *parameters)
        async with database.attributed(connection):
            return await method(self.statement.text, *parameters)

    @functools.cached_property
    def _decode(self) -> Callable[[asyncpg.Record], Any]:
        return _decoder(self.row)


class One(Query, Generic[Row, *Parameters]):
    kind = "one"

    async def __call__(self, connection: Connection, *parameters: *Parameters) -> Row | None:
        """The row, or None."""
        record = await self._send(connection, connection.fetchrow, parameters)
        return None if record is None else cast("Row", self._decode(record))

    async def certain(self, connection: Connection, *parameters: *Parameters) -> Row:
        """The row of a statement that always gives one: an insert, a count.

        Raises:
            LookupError: it gave none.
        """
        row = await self(connection, *parameters)
        if row is None:
            raise LookupError(f"{self.statement.name} gave no row")
        return row


class Many(Query, Generic[Row, *Parameters]):
    kind = "many"

    async def __call__(self, connection: Connection, *parameters: *Parameters) -> list[Row]:
        records = await self._send(connection, connection.fetch, parameters)
        decode = self._decode
        return [decode(record) for record in records]


class Exec(Query, Generic[*Parameters]):
    kind = "exec"

    async def __call__(self, connection: Connection, *parameters: *Parameters) -> int:
        """The number of rows that were changed."""
        tag = await self._send(connection, connection.execute, parameters)
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0


def _decoder(row: Any) -> Callable[[asyncpg.Record], Any]:
    """Makes rows of records; columns of an enumeration become its members.

    The fields are set past the constructor, which is slow for a frozen dataclass: that columns and
    fields are the same is known of every query that was prepared in the tests.
    """
    if hasattr(row, "__post_init__") or hasattr(row, "__slots__"):
        raise TypeError(f"{row.__name__} must be a plain dataclass to be a row")
    hints = typing.get_type_hints(row)
    enums = [
        (name, kind)
        for name, hint in hints.items()
        for kind in (hint, *typing.get_args(hint))
        if isinstance(kind, type) and issubclass(kind, enum.Enum)
    ]
    new = object.__new__

    def decode(record: asyncpg.Record) -> Any:
        made = new(row)
        fields = made.__dict__
        fields.update(record)
        for name, kind in enums:
            if fields[name] is not None:
                fields[name] = kind(fields[name])
        return made

    return decode
