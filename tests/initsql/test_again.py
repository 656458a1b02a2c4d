"""Further runs: nothing changes, and what a service or a user made is left alone."""

from __future__ import annotations

import secrets

# Everything that a run could change, in the order of the catalogs.
SNAPSHOT = """
SELECT 'role', to_jsonb(r) - 'rolpassword' FROM pg_authid r WHERE rolname !~ '^pg_'
UNION ALL SELECT 'member', to_jsonb(m) FROM pg_auth_members m
UNION ALL SELECT 'setting', to_jsonb(s) FROM pg_db_role_setting s
UNION ALL SELECT 'schema', to_jsonb(n) FROM pg_namespace n WHERE nspname !~ '^pg_'
UNION ALL SELECT 'default', to_jsonb(d) FROM pg_default_acl d
UNION ALL SELECT 'function', to_jsonb(p) FROM pg_proc p WHERE oid >= 16384
UNION ALL SELECT 'relation', to_jsonb(c) - 'relpages' - 'reltuples' - 'relallvisible'
  - 'relhassubclass' - 'relfrozenxid' - 'relminmxid' FROM pg_class c WHERE oid >= 16384
UNION ALL SELECT 'extension', to_jsonb(e) FROM pg_extension e
UNION ALL SELECT 'trigger', to_jsonb(t) FROM pg_event_trigger t
UNION ALL SELECT 'publication', to_jsonb(p) FROM pg_publication p
UNION ALL SELECT 'database', to_jsonb(d) - 'datfrozenxid' - 'datminmxid' FROM pg_database d
UNION ALL SELECT 'row', to_jsonb(m) FROM supabase_functions.migrations m
ORDER BY 1, 2
"""


def test_a_second_run_changes_nothing(project):
    before = project.sql(SNAPSHOT)
    assert len(before) > 100
    result = project.init()
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert project.sql(SNAPSHOT) == before


def test_objects_of_the_services_are_not_replaced(project):
    for role, commands in {
        "supabase_auth_admin": [
            "CREATE TABLE IF NOT EXISTS auth.users (id uuid PRIMARY KEY, email text)",
            "INSERT INTO auth.users VALUES (gen_random_uuid(), 'a@example.com')",
            "CREATE OR REPLACE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql"
            " AS 'SELECT NULL::uuid'",
            "REVOKE ALL ON auth.users FROM postgres",
        ],
        "supabase_storage_admin": [
            "CREATE TABLE IF NOT EXISTS storage.objects (id uuid, name text)",
        ],
    }.items():
        result = project.psql(*commands, user=role, password=project.service_password)
        assert result.returncode == 0, result.stderr
    project.sql(
        'CREATE OR REPLACE FUNCTION graphql_public.graphql("operationName" text DEFAULT NULL,'
        " query text DEFAULT NULL, variables jsonb DEFAULT NULL, extensions jsonb DEFAULT NULL)"
        " RETURNS jsonb LANGUAGE sql AS 'SELECT ''{\"data\": 1}''::jsonb'",
        "CREATE OR REPLACE FUNCTION supabase_functions.http_request() RETURNS trigger"
        " LANGUAGE plpgsql AS 'BEGIN /* the service''s own */ RETURN NEW; END'",
        "ALTER ROLE anon SET statement_timeout = '30s'",
        "ALTER PUBLICATION supabase_realtime ADD TABLE storage.objects",
        "ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public"
        " REVOKE ALL ON TABLES FROM anon",
    )
    before = project.sql(SNAPSHOT)
    result = project.init()
    assert result.returncode == 0, result.stderr
    assert project.sql(SNAPSHOT) == before
    assert project.sql("SELECT email FROM auth.users") == [["a@example.com"]]
    assert project.sql("SELECT graphql_public.graphql(query := 'x') ->> 'data'") == [["1"]]


def test_what_is_missing_comes_back(project):
    project.sql("DROP EVENT TRIGGER issue_pg_net_access", "DROP SCHEMA _realtime")
    project.sql("DROP SCHEMA _supavisor", database="_supabase")
    result = project.init()
    assert result.returncode == 0, result.stderr
    assert project.sql("SELECT count(*) FROM pg_event_trigger") == [["3"]]
    assert project.sql("SELECT to_regnamespace('_realtime') IS NOT NULL") == [["t"]]
    schemas = project.sql(
        "SELECT count(*) FROM pg_namespace WHERE nspname IN ('_analytics', '_supavisor')",
        database="_supabase",
    )
    assert schemas == [["2"]]


def test_settings_follow_the_environment(project):
    result = project.init(JWT_EXP="7200")
    assert result.returncode == 0, result.stderr
    assert project.sql("SELECT current_setting('app.settings.jwt_exp')") == [["7200"]]
    assert project.init().returncode == 0


def test_the_legacy_role_goes_and_its_objects_stay(project):
    project.sql(
        "CREATE ROLE supabase_pg_net_admin",
        "CREATE TABLE public.legacy (id int)",
        "ALTER TABLE public.legacy OWNER TO supabase_pg_net_admin",
    )
    result = project.init()
    assert result.returncode == 0, result.stderr
    rows = project.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'legacy'")
    assert rows == [["supabase_admin"]]
    assert project.sql("SELECT FROM pg_roles WHERE rolname = 'supabase_pg_net_admin'") == []


def test_a_server_with_its_own_superuser(project):
    """An external server: its superuser keeps its rights, and the owner of its database too."""
    name = f"external_{secrets.token_hex(4)}"
    project.sql(f"CREATE ROLE {name} SUPERUSER LOGIN PASSWORD '{project.password}'")
    project.sql(f"CREATE DATABASE {name} OWNER {name}")
    try:
        result = project.init(PGUSER=name, PGDATABASE=name)
        assert result.returncode == 0, result.stderr
        rows = project.psql(
            "SELECT rolsuper, datdba = r.oid, to_regnamespace('_realtime')"
            f" FROM pg_roles r, pg_database WHERE rolname = '{name}' AND datname = '{name}'",
            user=name,
            database=name,
        )
        assert rows.stdout.strip() == "t|t|_realtime", rows.stderr
        services = project.psql("SELECT", password=project.service_password)
        assert services.returncode == 0, services.stderr
    finally:
        project.psql(f"ALTER ROLE supabase_admin PASSWORD '{project.password}'", user=name)
