from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest

from supamanager_api import sql
from supamanager_api.accounts import queries
from supamanager_api.accounts.model import SessionAccountRow


def test_a_file_of_queries():
    text = """-- What this is.

-- name: GetThing :one
-- A note.
SELECT a
FROM thing;

-- About the next one.
-- name: DropThing :exec
DELETE FROM thing;
"""
    assert list(sql.parse(text, table="thing")) == [
        sql.Statement("GetThing", "one", "SELECT a\nFROM thing", "thing"),
        sql.Statement("DropThing", "exec", "DELETE FROM thing", "thing"),
    ]


def test_text_that_queries_share():
    text = """-- fragment: both
a, b
-- name: GetThing :one
SELECT @both FROM thing;
"""
    [found] = sql.parse(text, table="thing")
    assert found == sql.Statement("GetThing", "one", "SELECT a, b FROM thing", "thing")
    with pytest.raises(ValueError, match="GetThing: no fragment 'others'"):
        list(sql.parse(text.replace("@both", "@others"), table="thing"))


def test_queries_name_their_columns():
    """A column that the next version adds must not change what a running process has prepared."""
    for statement in sql.statements().values():
        assert not re.search(r"(?<!count\()\*(?!\s*\()", strip(statement.text)), statement.name


def strip(text: str) -> str:
    """Without products and without text."""
    return re.sub(r"'[^']*'|[\w)\]]+ \* [\w(]", "", text)


@pytest.mark.parametrize(
    "text", ["SELECT 1;\n-- name: A :one\nSELECT 1;", "-- name: A :one\n-- name: B :one\nSELECT 1"]
)
def test_a_broken_file(text: str):
    with pytest.raises(ValueError, match=r"thing\.sql: "):
        list(sql.parse(text, table="thing"))


def test_types_of_a_query():
    assert queries.ACCOUNT_BY_SESSION.row is SessionAccountRow
    assert queries.ACCOUNT_BY_SESSION.parameters == (UUID, int, UUID)
    assert queries.DELETE_SESSION.row is None
    assert queries.DELETE_SESSION.parameters == (UUID,)
    assert queries.CREATE_LOGIN_AUDIT.parameters[-1] == str | None


def test_a_name_that_no_file_has():
    with pytest.raises(LookupError, match="no query is named GetNothing"):
        sql.One[SessionAccountRow, int]("GetNothing")


def test_a_query_used_as_another_kind():
    with pytest.raises(LookupError, match="GetCredentialsByEmail is marked :one and used as :exec"):
        sql.Exec[str]("GetCredentialsByEmail")


class Colour(enum.StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Plain:
    number: int
    at: datetime | None


@dataclass(frozen=True)
class Coloured:
    colour: Colour
    other: Colour | None


def test_rows_are_decoded():
    assert sql._decoder(Plain)({"number": 1, "at": None}) == Plain(1, None)
    row = sql._decoder(Coloured)({"colour": "red", "other": None})
    assert row == Coloured(Colour.RED, None)
    assert row.colour is Colour.RED
