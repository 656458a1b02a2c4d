"""The generators of the reference pages: what they leave out would be missed by nobody."""

from __future__ import annotations

import re

import pytest

import crd
from supamanager_dev import crd_table, edges_table, values_table
from supamanager_dev.crd_table import FieldWithoutMeaning
from supamanager_dev.edges_table import EdgeUnused
from supamanager_dev.values_table import ValueWithoutSchema
from supamanager_operator.render import edges
from supamanager_operator.render.edges import Edge


def rows(table: str) -> dict[str, list[str]]:
    """First cell → the others."""
    found = {}
    for line in table.splitlines()[2:]:
        first, *others = re.split(r"(?<!\\)\|", line.strip("|"))
        found[first.strip().strip("`")] = [cell.strip() for cell in others]
    return found


def test_every_field_of_the_resource_has_a_row():
    told = rows(crd_table.spec()) | rows(crd_table.status())
    for part in ("spec", "status"):
        for leaf in crd.leaves(crd.schema()["properties"][part], part):
            assert leaf in told or leaf.removesuffix("[]").removesuffix("{}") in told, leaf


def test_a_row_tells_type_default_and_bounds():
    told = rows(crd_table.spec())
    assert told["spec.auth.jwtExpirySeconds"][:3] == ["integer", "`3600`", "30 to 604800"]
    assert told["spec.database.managed.postgresVersion"][:3] == [
        "integer",
        "",
        "`15`, `17`; **immutable** once set",
    ]
    assert told["spec.rest.schemas"][0] == "list of strings"
    assert told["spec.services"][0] == "map of blocks"
    assert told["spec.database.managed.storage.size"][0] == "quantity"


def test_rules_are_told_in_the_words_of_the_server():
    assert "| `spec.services` | database and gateway cannot be disabled |" in crd_table.rules()


def test_a_field_without_a_meaning_is_refused(monkeypatch: pytest.MonkeyPatch):
    schema = crd.schema()
    del schema["properties"]["spec"]["properties"]["paused"]["description"]
    monkeypatch.setattr(crd_table, "schema", lambda: schema)
    with pytest.raises(FieldWithoutMeaning, match=r"spec\.paused has no description"):
        crd_table.spec()


def test_every_edge_has_a_row_with_where_the_address_is_told():
    lines = edges_table.inside().splitlines()
    assert len(lines) == 2 + len(edges.TABLE)
    [row] = [line for line in lines if line.startswith("| rest | database |")]
    assert "| 5432 | PostgreSQL |" in row
    assert row.endswith("| `PGRST_DB_URI` |")
    assert len(edges_table.entries().splitlines()) == 2 + len(edges.ENTRIES)


def test_an_edge_that_nothing_uses_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(edges, "TABLE", (*edges.TABLE, Edge("imgproxy", "auth", why="no reason")))
    with pytest.raises(EdgeUnused, match="imgproxy is told no address of auth"):
        edges_table.inside()


def test_the_platforms_own_policies_are_told():
    assert "| database | in | pods of api | postgresql/TCP |" in edges_table.platform()
    assert "| database | out | nobody |  |" in edges_table.platform()


def test_every_value_has_its_comment_and_its_type():
    told = rows(values_table.table())
    assert told["domain"] == [
        "string",
        '`"supamanager.localhost"`',
        r"Projects are reached at \<ref>.\<domain>.",
    ]
    assert told["operator.replicas"][:2] == ["integer, at least 1", "`2`"]
    assert told["database.type"][0] == "`managed`, `external`, `cloudNativePG`"
    assert told["database.external.secret.key"][2] == ""
    assert told["secret"][:2] == ["", ""]


def test_a_value_that_the_schema_does_not_know_is_refused():
    with pytest.raises(ValueWithoutSchema, match=r"no value operator\.replica"):
        values_table._schema({"properties": {"operator": {"properties": {}}}}, "operator.replica")
