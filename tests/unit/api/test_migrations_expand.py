"""A migration takes nothing away that processes of the last version use.

What is known to leave them alone is listed; whatever else a migration does has to name the one
that it contracts.
"""

from __future__ import annotations

import re

import pytest

from supamanager_api import migrations

CONTRACTS = re.compile(r"^-- Contracts: .+, unused since (\d{4})\.$", re.MULTILINE)
FIRST_BOUND = 18
"""Before it there was no version that anybody ran."""

EXPANDS = re.compile(
    r"CREATE (UNLOGGED )?TABLE \w+ \(|CREATE INDEX |CREATE (OR REPLACE )?(VIEW|FUNCTION) "
    r"|CREATE (CONSTRAINT )?TRIGGER |INSERT INTO |UPDATE |SELECT ",
    re.IGNORECASE,
)
"""PostgreSQL itself refuses to replace a view or a function by one that answers less."""
ALTERS = re.compile(r"ALTER TABLE (\w+) (.+)", re.IGNORECASE)
ADDS = re.compile(r"ADD (COLUMN )?(IF NOT EXISTS )?(?!CONSTRAINT )\w+ ", re.IGNORECASE)
BINDS = re.compile(r"\b(PRIMARY KEY|FOREIGN KEY|UNIQUE|CHECK|EXCLUDE|GENERATED)\b", re.IGNORECASE)
NOT_NULL = re.compile(r"\bNOT NULL\b", re.IGNORECASE)
DEFAULT = re.compile(r"\bDEFAULT (?!NULL\b)", re.IGNORECASE)
LOOSENS = re.compile(r"ALTER (COLUMN )?\w+ SET DEFAULT ", re.IGNORECASE)


def statements(text: str) -> list[str]:
    """On one line each, without comments and with empty literals and bodies."""
    for pattern, shown in (
        (r"--.*", ""),
        (r"(\$\w*\$)(?s:.*?)\1", "''"),
        (r"'(?:[^']|'')*'", "''"),
    ):
        text = re.sub(pattern, shown, text)
    return [found for part in text.split(";") if (found := " ".join(part.split()))]


def actions(alteration: str) -> list[str]:
    """Those of one ALTER TABLE, which commas outside of parentheses part."""
    found, depth = [""], 0
    for letter in alteration:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [action.strip() for action in found]


def breaks(text: str) -> list[str]:
    """What processes that know nothing of the migration may fail at."""
    found = []
    for statement in statements(text):
        if altered := ALTERS.fullmatch(statement):
            found += [action for action in actions(altered[2]) if not _expands(action)]
        elif not EXPANDS.match(statement):
            found.append(statement)
    return found


def _expands(action: str) -> bool:
    if not ADDS.match(action):
        return bool(LOOSENS.match(action))
    return not BINDS.search(action) and (
        not NOT_NULL.search(action) or bool(DEFAULT.search(action))
    )


def test_a_migration_takes_nothing_away_that_the_last_version_uses() -> None:
    for migration in migrations.load():
        if int(migration.id) < FIRST_BOUND:
            continue
        found = map(ALTERS.fullmatch, statements(migration.text))
        altered = {alteration[1] for alteration in found if alteration}
        # Two that wait for each other's tables: a person's request might be ended for it.
        assert len(altered) <= 1, f"{migration.id}: one migration for each table"
        if not (broken := breaks(migration.text)):
            continue
        said = CONTRACTS.search(migration.text)
        assert said, (
            f"{migration.id}: say what it contracts, and since when that is unused: {broken}"
        )
        assert said[1] < migration.id


@pytest.mark.parametrize(
    "text",
    [
        "DROP TABLE a",
        "DROP VIEW a",
        "DROP FUNCTION a()",
        "TRUNCATE a",
        "DELETE FROM a",
        "CREATE UNIQUE INDEX ON a (b)",
        "ALTER TYPE a RENAME VALUE 'b' TO 'c'",
        "ALTER TABLE a DROP COLUMN b",
        "ALTER TABLE a DROP b",
        "ALTER TABLE a RENAME TO b",
        "ALTER TABLE a RENAME COLUMN b TO c",
        "ALTER TABLE a ALTER COLUMN b TYPE text",
        "ALTER TABLE a ALTER b SET DATA TYPE text",
        "ALTER TABLE a ALTER COLUMN b SET NOT NULL",
        "ALTER TABLE a ALTER COLUMN b DROP NOT NULL",
        "ALTER TABLE a ALTER COLUMN b DROP DEFAULT",
        "ALTER TABLE a ADD COLUMN b text NOT NULL",
        "ALTER TABLE a ADD b text NOT NULL",
        "ALTER TABLE a ADD COLUMN IF NOT EXISTS b text NOT NULL",
        "ALTER TABLE a ADD COLUMN b text[] NOT NULL",
        "ALTER TABLE a ADD COLUMN b numeric(10, 2) NOT NULL",
        "ALTER TABLE a ADD COLUMN b text NOT NULL DEFAULT NULL",
        "ALTER TABLE a ADD COLUMN b text UNIQUE",
        "ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0)",
        "ALTER TABLE a ADD CHECK (c > 0)",
        "ALTER TABLE a ADD FOREIGN KEY (c) REFERENCES b (c)",
        "ALTER TABLE a\n  ADD COLUMN b text,\n  DROP COLUMN c",
        "-- nothing\nCREATE TABLE a (b text); DROP TABLE c",
    ],
)
def test_the_rule_knows_what_breaks(text: str) -> None:
    assert breaks(text)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE a (b text NOT NULL)",
        "CREATE INDEX ON a (b)",
        "ALTER TABLE a ADD COLUMN b text",
        "ALTER TABLE a ADD COLUMN b numeric(10, 2) NOT NULL DEFAULT 0, ADD COLUMN c text[]",
        "ALTER TABLE a ALTER COLUMN b SET DEFAULT 'it''s; DROP TABLE c'",
        "CREATE OR REPLACE FUNCTION a() RETURNS void LANGUAGE sql AS $$ DROP TABLE b; $$",
    ],
)
def test_the_rule_knows_what_does_not(text: str) -> None:
    assert not breaks(text)
