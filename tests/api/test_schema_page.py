"""`docs/database-schema.md` is what a real server says after the migrations."""

from __future__ import annotations

import pytest

from supamanager_dev import generated, schema_table
from supamanager_dev.schema_table import TableWithoutPurpose


async def test_the_page_is_the_catalog_of_a_migrated_database(
    database_url: str, capsys: pytest.CaptureFixture[str]
):
    found = await schema_table.catalog(database_url)
    code = generated.main("schema_table", [schema_table.block(found)], ["--check"])
    assert code == 0, capsys.readouterr().err


async def test_a_table_that_nobody_describes_is_refused(database_url: str):
    found = await schema_table.catalog(database_url)
    found["tables"][0]["name"] = "new_table"
    with pytest.raises(TableWithoutPurpose, match="new_table"):
        schema_table.tables(found)
