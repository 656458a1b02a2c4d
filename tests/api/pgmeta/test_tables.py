"""The SQL editor and the table editor on the real postgres-meta and PostgreSQL."""

from __future__ import annotations

import secrets

import pytest


@pytest.fixture
def table(place, database) -> str:
    """A table of the test's own, with two rows."""
    name = f"notes_{secrets.token_hex(4)}"
    assert place.rows(f"CREATE TABLE public.{name} (id int PRIMARY KEY, body text)") == []
    inserted = place.rows(f"INSERT INTO {name} VALUES (1, 'one'), (2, 'two') RETURNING id")
    assert inserted == [{"id": 1}, {"id": 2}]
    return name


def test_a_table_is_created_filled_and_read(place, database, table):
    rows = database.sql(f"SELECT id, body FROM public.{table} ORDER BY id")
    assert rows == [["1", "one"], ["2", "two"]]
    owner = database.sql(f"SELECT tableowner FROM pg_tables WHERE tablename = '{table}'")
    assert owner == [["postgres"]]


def test_of_several_statements_the_last_one_with_rows_answers(place):
    assert place.rows("SELECT 1 AS a; SELECT 2 AS a; SET search_path = public") == [{"a": 2}]
    assert place.rows("SELECT 1 AS a WHERE false") == []


def test_parameters_are_passed_on(place):
    answer = place.query("SELECT $1::int + 1 AS sum", parameters=[41])
    assert (answer.status_code, answer.json()) == (200, [{"sum": 42}])


def test_commands_that_need_to_stand_alone_do(place, table):
    assert place.rows(f"VACUUM public.{table}") == []


def test_an_error_keeps_its_position_and_body(place):
    answer = place.query("SELECT id,\n  nothing\nFROM pg_class_of_no_one")
    assert answer.status_code == 400
    told = answer.json()
    assert told["code"] == "42P01"
    assert told["message"] == 'relation "pg_class_of_no_one" does not exist'
    assert told["position"] == "27"
    assert "LINE 3: FROM pg_class_of_no_one" in told["formattedError"]
    assert told["error"] == told["formattedError"]


def test_an_error_inside_a_function_tells_where(place):
    told = place.query("DO $$ BEGIN RAISE EXCEPTION 'no' USING HINT = 'try', DETAIL = 'd'; END $$")
    assert told.status_code == 400
    assert {"hint": "try", "detail": "d", "severity": "ERROR"}.items() <= told.json().items()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "\x01", '{"query": 5}', '{"query": ""}', "[" * 100_000]
)
def test_what_is_no_query_is_refused(place, content):
    headers = {"content-type": "application/json"}
    answer = place.owner.client.post(f"{place.url}/query", content=content, headers=headers)
    assert answer.status_code == 400, answer.text
    assert isinstance(answer.json()["message"], str)


def test_row_level_security_holds_for_roles_of_the_api(place, database, table):
    client = place.owner.client
    [found] = [
        each
        for each in client.get(f"{place.url}/tables?included_schemas=public").json()
        if each["name"] == table
    ]
    as_anon = f"BEGIN; SET LOCAL ROLE anon; SELECT id FROM public.{table}; COMMIT"
    assert len(place.rows(as_anon)) == 2

    changed = client.patch(f"{place.url}/tables?id={found['id']}", json={"rls_enabled": True})
    assert changed.status_code == 200, changed.text
    assert changed.json()["rls_enabled"] is True
    assert place.rows(as_anon) == []

    policy = {
        "name": "first",
        "schema": "public",
        "table": table,
        "command": "SELECT",
        "roles": ["anon"],
        "definition": "id = 1",
    }
    made = client.post(f"{place.url}/policies", json=policy)
    assert made.status_code == 200, made.text
    assert place.rows(as_anon) == [{"id": 1}]
    assert database.sql(f"SELECT polname FROM pg_policy WHERE polrelid = '{table}'::regclass") == [
        ["first"]
    ]

    dropped = client.delete(f"{place.url}/policies?id={made.json()['id']}")
    assert dropped.status_code == 200, dropped.text
    assert place.rows(as_anon) == []


def test_columns_are_added_changed_and_dropped(place, database, table):
    client = place.owner.client
    oid = place.rows(f"SELECT '{table}'::regclass::oid::int AS oid")[0]["oid"]
    made = client.post(
        f"{place.url}/columns",
        json={"table_id": oid, "name": "extra", "type": "text", "default_value": "a b"},
    )
    assert made.status_code == 200, made.text
    column = made.json()["id"]
    renamed = client.patch(f"{place.url}/columns?id={column}", json={"name": "more"})
    assert renamed.status_code == 200, renamed.text
    assert place.rows(f"SELECT more FROM {table} WHERE id = 1") == [{"more": "a b"}]
    dropped = client.delete(f"{place.url}/columns?id={column}")
    assert dropped.status_code == 200, dropped.text
    columns = database.sql(
        f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass"
        " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    )
    assert columns == [["id"], ["body"]]


def test_a_table_is_made_and_dropped_by_typed_calls(place, database):
    client = place.owner.client
    name = f"typed_{secrets.token_hex(4)}"
    made = client.post(f"{place.url}/tables", json={"name": name, "schema": "public"})
    assert made.status_code == 200, made.text
    own = f"{place.url}/tables?id={made.json()['id']}"
    assert client.get(own).json()["name"] == name
    assert client.delete(f"{own}&cascade=true").status_code == 200
    assert place.management.audited(place.ref)[-1][1:] == (
        "database",
        f"DELETE tables {made.json()['id']}",
    )
    assert database.sql(f"SELECT to_regclass('{name}') IS NULL") == [["t"]]


def test_the_paths_of_postgres_meta_itself_do_the_same(place, database):
    client, headers = place.owner.client, {"x-connection-encrypted": place.token()}
    name = f"direct_{secrets.token_hex(4)}"
    made = client.post("/pg/tables", json={"name": name}, headers=headers)
    assert made.status_code == 200, made.text
    own = f"/pg/tables/{made.json()['id']}"
    assert client.get(own, headers=headers).json()["name"] == name
    changed = client.patch(own, json={"comment": "no comment"}, headers=headers)
    assert changed.json()["comment"] == "no comment"
    assert client.delete(own, headers=headers).status_code == 200
    assert database.sql(f"SELECT to_regclass('{name}') IS NULL") == [["t"]]


@pytest.mark.parametrize(
    "kind",
    [
        "tables", "views", "materialized-views", "foreign-tables", "columns", "types", "policies",
        "publications", "triggers", "functions", "extensions", "roles", "schemas", "indexes",
        "table-privileges", "column-privileges",
    ],
)  # fmt: skip
def test_a_list_with_empty_filters_is_unfiltered(place, table, kind):
    """Studio sends filters that are not set as empty ones."""
    filters = "included_schemas=&excluded_schemas=&limit=5&offset="
    answer = place.owner.client.get(f"{place.url}/{kind}?{filters}")
    assert answer.status_code == 200, answer.text
    assert isinstance(answer.json(), list)
    if kind in ("tables", "columns", "functions", "extensions", "roles", "schemas"):
        assert answer.json()


def test_the_paths_of_2024_are_the_same(place, table):
    client = place.owner.client
    bare = f"/pg-meta/{place.ref}"
    named = [each["name"] for each in client.get(f"{bare}/tables?included_schemas=public").json()]
    assert table in named
    answer = client.post(f"{bare}/query?key=service_status", json={"query": "SELECT 1 AS one"})
    assert (answer.status_code, answer.json()) == (200, [{"one": 1}])
    pretty = client.post(f"{bare}/query/format", json={"query": "select 1"})
    assert pretty.status_code == 200, pretty.text
    assert "select" in pretty.text.lower()


def test_the_types_of_a_database_are_generated(place, table):
    answer = place.owner.client.get(f"{place.url}/generators/typescript?included_schemas=public")
    assert answer.status_code == 200, answer.text
    assert f"{table}: {{" in answer.text


@pytest.mark.parametrize(
    "path", ["nothing", "query/nothing", "..", "tables/..", "tables/%2e%2e", "tables/a/b"]
)
def test_no_other_path_of_postgres_meta_is_reached(place, path):
    answer = place.owner.client.get(f"{place.url}/{path}")
    assert answer.status_code in (400, 404, 405), answer.text
    assert isinstance(answer.json()["message"], str)


def test_a_slash_in_a_name_stays_in_it(place):
    answer = place.owner.client.get(f"{place.url}/extensions?id=..%2Ftables")
    assert answer.status_code == 404
    assert "../tables" in answer.text
    headers = {"x-connection-encrypted": place.token()}
    answer = place.owner.client.get("/pg/extensions/%2e%2e%2Ftables", headers=headers)
    assert answer.status_code == 404
    assert place.owner.client.get(f"{place.url}/extensions?id=..").status_code == 400
