"""The webhook trigger and pg_net's rights, with a stand-in for the extension's functions."""

from __future__ import annotations

import json

import pytest

STAND_IN = """
CREATE SCHEMA net;
CREATE TABLE net.sent (id bigserial, method text, url text, body jsonb, params jsonb,
  headers jsonb, timeout integer);
CREATE FUNCTION net.http_get(url text, params jsonb DEFAULT '{}', headers jsonb DEFAULT '{}',
  timeout_milliseconds integer DEFAULT 5000) RETURNS bigint LANGUAGE sql
  AS $$ INSERT INTO net.sent (method, url, params, headers, timeout)
    VALUES ('GET', url, params, headers, timeout_milliseconds) RETURNING id $$;
CREATE FUNCTION net.http_post(url text, body jsonb DEFAULT '{}', params jsonb DEFAULT '{}',
  headers jsonb DEFAULT '{}', timeout_milliseconds integer DEFAULT 5000) RETURNS bigint
  LANGUAGE sql
  AS $$ INSERT INTO net.sent (method, url, body, params, headers, timeout)
    VALUES ('POST', url, body, params, headers, timeout_milliseconds) RETURNING id $$;
"""


@pytest.fixture
def table(project):
    project.sql("DROP TABLE IF EXISTS public.orders", "CREATE TABLE public.orders (id int)")
    project.sql("ALTER TABLE public.orders OWNER TO postgres")
    yield "public.orders"
    project.sql("DROP TABLE IF EXISTS public.orders", "DROP SCHEMA IF EXISTS net CASCADE")


def _hook(project, *arguments, event="INSERT OR UPDATE OR DELETE", when="AFTER"):
    listed = ", ".join(f"'{argument}'" for argument in arguments)
    result = project.psql(
        f"CREATE TRIGGER hook {when} {event} ON public.orders FOR EACH ROW"
        f" EXECUTE FUNCTION supabase_functions.http_request({listed})",
        user="postgres",
        password=project.service_password,
    )
    assert result.returncode == 0, result.stderr


def test_tables_and_their_owner(project):
    rows = project.sql(
        "SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'supabase_functions'"
    )
    assert dict(rows) == {
        "hooks": "supabase_functions_admin",
        "migrations": "supabase_functions_admin",
    }
    versions = project.sql("SELECT version FROM supabase_functions.migrations ORDER BY version")
    assert versions == [["20210809183423_update_grants"], ["initial"]]
    columns = project.sql(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = 'supabase_functions.hooks'::regclass AND attnum > 0"
    )
    assert dict(columns) == {
        "id": "bigint",
        "hook_table_id": "integer",
        "hook_name": "text",
        "created_at": "timestamp with time zone",
        "request_id": "bigint",
    }
    indexes = project.sql(
        "SELECT indexname FROM pg_indexes WHERE tablename = 'hooks'"
        " AND schemaname = 'supabase_functions'"
    )
    assert len(indexes) == 3


def test_function_is_the_owners_and_open_to_the_four_roles_only(project):
    rows = project.sql(
        "SELECT proowner::regrole, prosecdef, array_to_string(proconfig, ','),"
        " array_to_string(ARRAY(SELECT grantee::regrole::text FROM aclexplode(proacl)"
        "   WHERE privilege_type = 'EXECUTE' ORDER BY 1), ',')"
        " FROM pg_proc WHERE oid = 'supabase_functions.http_request'::regproc"
    )
    assert rows == [
        [
            "supabase_functions_admin",
            "t",
            "search_path=supabase_functions",
            "anon,authenticated,postgres,service_role,supabase_functions_admin",
        ]
    ]


def test_without_pg_net_the_error_says_so(project, table):
    _hook(project, "http://example.com", "POST")
    result = project.psql(
        f"INSERT INTO {table} VALUES (1)", user="postgres", password=project.service_password
    )
    assert "webhook hook: the extension pg_net is not installed" in result.stderr
    assert "HINT:  CREATE EXTENSION pg_net WITH SCHEMA extensions" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the first argument, the URL, is missing"),
        (["null", "POST"], "the first argument, the URL, is missing"),
        (["http://example.com"], "the second argument, the method, must be GET or POST"),
        (["http://example.com", "PUT"], "the second argument, the method, must be GET or POST"),
    ],
)
def test_wrong_arguments_are_named(project, table, arguments, message):
    _hook(project, *arguments)
    result = project.psql(
        f"INSERT INTO {table} VALUES (1)", user="postgres", password=project.service_password
    )
    assert message in result.stderr


def test_post_carries_the_change(project, table):
    project.sql(STAND_IN)
    project.sql("SELECT extensions.open_pg_net()")
    _hook(project, "http://example.com/hook", "POST", '{"X-A": "b"}', '{"q": "1"}', "2500")
    for change in (
        f"INSERT INTO {table} VALUES (1)",
        f"UPDATE {table} SET id = 2",
        f"DELETE FROM {table}",
    ):
        result = project.psql(change, user="postgres", password=project.service_password)
        assert result.returncode == 0, result.stderr
    rows = project.sql("SELECT to_jsonb(sent) - 'id' FROM net.sent ORDER BY id")
    common = {"schema": "public", "table": "orders"}
    assert [json.loads("|".join(row)) for row in rows] == [
        {
            "method": "POST",
            "url": "http://example.com/hook",
            "body": {**common, "type": kind, "record": new, "old_record": old},
            "params": {"q": "1"},
            "headers": {"X-A": "b"},
            "timeout": 2500,
        }
        for kind, new, old in (
            ("INSERT", {"id": 1}, None),
            ("UPDATE", {"id": 2}, {"id": 1}),
            ("DELETE", None, {"id": 2}),
        )
    ]
    trail = project.sql(
        "SELECT hook_name, hook_table_id = 'public.orders'::regclass::oid::int, request_id"
        " FROM supabase_functions.hooks ORDER BY id"
    )
    assert trail[-3:] == [["hook", "t", "1"], ["hook", "t", "2"], ["hook", "t", "3"]]


def test_get_and_the_defaults(project, table):
    project.sql(STAND_IN)
    project.sql("SELECT extensions.open_pg_net()")
    _hook(project, "http://example.com", "GET", "null", "null", "null")
    assert (
        project.psql(
            f"INSERT INTO {table} VALUES (1)", user="postgres", password=project.service_password
        ).returncode
        == 0
    )
    rows = project.sql("SELECT method, headers, params, timeout FROM net.sent")
    assert rows == [["GET", '{"Content-Type": "application/json"}', "{}", "1000"]]


def test_a_hook_before_a_delete_lets_it_happen(project, table):
    project.sql(STAND_IN)
    project.sql("SELECT extensions.open_pg_net()")
    project.sql(f"INSERT INTO {table} VALUES (1)")
    _hook(project, "http://example.com", "POST", event="DELETE", when="BEFORE")
    assert (
        project.psql(
            f"DELETE FROM {table}", user="postgres", password=project.service_password
        ).returncode
        == 0
    )
    assert project.sql(f"SELECT count(*) FROM {table}") == [["0"]]


def test_pg_net_is_opened_to_the_five_roles_only(project, table):
    project.sql(STAND_IN)
    project.sql("SELECT extensions.open_pg_net()")
    rows = project.sql(
        "SELECT proname, prosecdef, array_to_string(proconfig, ','),"
        " has_function_privilege('supabase_read_only_user', oid, 'EXECUTE'),"
        " (SELECT bool_and(has_function_privilege(role, oid, 'EXECUTE')) FROM unnest(ARRAY["
        "   'supabase_functions_admin', 'postgres', 'anon', 'authenticated', 'service_role'"
        " ]) AS role)"
        " FROM pg_proc WHERE pronamespace = 'net'::regnamespace ORDER BY proname"
    )
    assert rows == [
        ["http_get", "t", "search_path=net", "f", "t"],
        ["http_post", "t", "search_path=net", "f", "t"],
    ]


def test_event_triggers(project):
    rows = project.sql(
        "SELECT evtname, evtevent, proname, pronamespace::regnamespace,"
        " array_to_string(evttags, ',')"
        " FROM pg_event_trigger JOIN pg_proc p ON p.oid = evtfoid ORDER BY evtname"
    )
    assert rows == [
        [
            "issue_pg_net_access",
            "ddl_command_end",
            "grant_pg_net_access",
            "extensions",
            "CREATE EXTENSION",
        ],
        ["pgrst_ddl_watch", "ddl_command_end", "pgrst_ddl_watch", "extensions", ""],
        ["pgrst_drop_watch", "sql_drop", "pgrst_drop_watch", "extensions", ""],
    ]


def test_other_extensions_do_not_touch_pg_net(project):
    result = project.psql("CREATE EXTENSION IF NOT EXISTS citext", user="supabase_admin")
    assert result.returncode == 0, result.stderr
    project.sql("DROP EXTENSION citext")


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE public.seen (id int)", "DROP TABLE public.seen"]
)
def test_a_changed_definition_is_announced(project, statement):
    project.sql(
        "CREATE TABLE IF NOT EXISTS public.seen (id int)" if "DROP" in statement else "SELECT"
    )
    result = project.psql("LISTEN pgrst", statement)
    assert 'Asynchronous notification "pgrst" with payload "reload schema"' in result.stdout
