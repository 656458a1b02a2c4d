"""`docs/database-schema.md`: the tables of the management database, from the catalog of a real
server that the migrations were run on.

What a table is for is said here; what a column is for, by the comment above it in its migration.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import asyncpg

from supamanager_api import migrations
from supamanager_dev import generated
from supamanager_dev.errors import DevError
from supamanager_dev.generated import Block
from supamanager_dev.postgres import Postgres

PAGE: Final = "database-schema.md"
COMMAND: Final = "python -m supamanager_dev.schema_table"

_QUERY: Final = Path(__file__).with_name("catalog.sql")
_COLUMN: Final = re.compile(r"((?:^ *-- .*\n)+) *(?:ADD COLUMN )?(\w+) ", re.MULTILINE)
_TABLE: Final = re.compile(r"(?:CREATE (?:UNLOGGED )?TABLE|ALTER TABLE) (\w+)")

PURPOSES: Final = {
    "accounts": "A person who signs in.",
    "access_token": "Personal access tokens, `sbp_…`: only their SHA-256.",
    "audit_head": "One row: the end of the audit log's chain.",
    "audit_log": "Who changed what; it only grows.",
    "cli_login": "Tokens on their way to a command line without a browser, encrypted for it.",
    "content": "SQL snippets, reports and log queries that people keep.",
    "content_favorite": "Which of them an account likes best.",
    "content_folder": "Folders of snippets.",
    "dns_record": "What the hook for DNS was told of each project's names.",
    "factor": "Second factors; the secret of each is sealed.",
    "factor_challenge": "Questions for a code of a factor that wait for their answer.",
    "idempotency_key": "Answers to requests that carried a key of their own.",
    "login_audit": "What Studio reports after each sign-in.",
    "mail": "Mails on their way to the SMTP server; a text is sealed, and removed once sent.",
    "membership": "What each account is to each of its organizations.",
    "migrations": "The migrations that were applied.",
    "mirror_epoch": "One row: which process mirrors the cluster, and when it last heard of it.",
    "notification": "What people are told about their projects.",
    "notification_state": "What an account has done with a notification; without a row it is new.",
    "one_time_code": "Codes and links that were mailed to an account: only their hashes.",
    "organization_invitation": "Open invitations; only the SHA-256 of a link's token.",
    "organization_invitation_project": "The projects that an invitation is limited to.",
    "organization_membership": "Who belongs to an organization, and as what.",
    "organization_quota": "What an organization may use, where it differs from the default.",
    "organizations": "An organization, which owns projects.",
    "pending_sign_up": "Sign-ups whose address is not confirmed yet.",
    "project": "A project: what was asked for (the intent) and what was seen of its resource.",
    "project_component": "The pods of each service, as the operator counted them last.",
    "project_condition": "The resource's conditions, as the mirror saw them last.",
    "project_input": "Sealed values that people typed, until the Secret `<p>-inputs` has them.",
    "project_manager": "Which others than this product set which fields of the resource.",
    "project_ref": "Every ref that was ever drawn.",
    "project_role": "Roles of a member that are limited to some projects.",
    "project_role_project": "The projects of such a role.",
    "project_spec": "Each resource's spec as the mirror saw it last, without values of variables.",
    "rate_limit": "What was used up of each limit. Unlogged: a crash of the server empties it.",
    "refresh_tokens": "Refresh tokens: only their SHA-256.",
    "service_call": "What members asked a project's own services to change.",
    "sessions": "One sign-in on one device.",
    "told": "Which account is told of which notification.",
}
"""Tables and views, each in a sentence."""

Row = dict[str, Any]


class TableWithoutPurpose(DevError):
    """PURPOSES and the database name different tables; says which."""


async def catalog(dsn: str) -> Row:
    """The catalog of an empty database after all migrations."""
    connection = await asyncpg.connect(dsn)
    try:
        await migrations.run(connection, migrations.load())
        text = await connection.fetchval(_QUERY.read_text(encoding="utf-8"))
    finally:
        await connection.close()
    found: Row = json.loads(text)
    return found


def tables(found: Row) -> str:
    """The section of every table.

    Raises:
        TableWithoutPurpose
    """
    known = {table["name"] for table in found["tables"]}
    if known != PURPOSES.keys():
        differing = ", ".join(sorted(known ^ PURPOSES.keys()))
        raise TableWithoutPurpose(f"PURPOSES and the database differ in {differing}")
    notes = _notes()
    return "\n\n".join("\n".join(_section(table, notes)) for table in found["tables"])


def block(found: Row) -> Block:
    return Block(PAGE, "tables", lambda: tables(found))


def _notes() -> dict[tuple[str, str], str]:
    """Table and column → the comment above the column in the migration that made it."""
    notes = {}
    for migration in migrations.load():
        for statement in migration.text.split(";\n"):
            if (table := _TABLE.search(statement)) is None:
                continue
            for comment, column in _COLUMN.findall(statement[table.end() :]):
                lines = (line.strip().removeprefix("-- ") for line in comment.splitlines())
                notes[table[1], column] = " ".join(lines)
    return notes


def _section(table: Row, notes: dict[tuple[str, str], str]) -> Iterator[str]:
    name = table["name"]
    constraints = table["constraints"] or []
    yield f"### {name}"
    yield ""
    yield f"A view. {PURPOSES[name]}" if table["kind"] == "view" else PURPOSES[name]
    yield ""
    yield "| Column | Type | | Note |"
    yield "|---|---|---|---|"
    targets = {
        each["columns"][0]: each["target"]
        for each in constraints
        if each["kind"] == "f" and len(each["columns"]) == 1
    }
    for column in table["columns"]:
        about = "; ".join(_about(column, targets.get(column["name"]), view=table["kind"] == "view"))
        note = notes.get((name, column["name"]), "")
        cells = (f"`{column['name']}`", column["type"], about, note)
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    told = [
        *(_code(each["text"]) for each in constraints if each["kind"] in "pu"),
        *(
            _code(each["text"])
            for each in constraints
            if each["kind"] == "f" and len(each["columns"]) > 1
        ),
        *(_code(each["text"]) for each in constraints if each["kind"] == "c"),
        *(_index(each) for each in table["indexes"] or []),
        *(f"trigger `{each}`" for each in table["triggers"] or []),
    ]
    if told:
        yield ""
        yield from (f"- {each}" for each in told)


def _about(column: Row, target: str | None, *, view: bool) -> Iterator[str]:
    if target:
        yield f"→ [{target}](#{target})"
    if column["identity"]:
        yield "counts up"
    elif column["generated"]:
        yield f"from {_code(column['default'])}"
    elif column["default"] is not None:
        yield f"default {_code(column['default'])}"
    if not column["required"] and not view:
        yield "may be null"


def _index(index: Row) -> str:
    how = index["text"].partition(" USING ")[2]
    return f"{'unique ' if index['unique'] else ''}index on {_code(how)}"


def _code(text: str) -> str:
    return f"`{' '.join(text.split())}`"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def main(arguments: list[str] | None = None) -> int:
    """Starts a PostgreSQL for as long as it takes."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=f"writes tables of docs/{PAGE}")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    with Postgres() as server:
        found = asyncio.run(catalog(server.create_database("schema")))
    return generated.main("schema_table", [block(found)], ["--check"] if options.check else [])


if __name__ == "__main__":
    sys.exit(main())
