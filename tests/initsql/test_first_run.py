"""What the init Job makes of an empty server, read from the catalog."""

from __future__ import annotations

import pytest

# name: superuser, inherit, createrole, createdb, login, replication, bypassrls
ROLES = {
    "supabase_admin": "t t t t t t t",
    "postgres": "f t t t t t t",
    "anon": "f f f f f f f",
    "authenticated": "f f f f f f f",
    "service_role": "f f f f f f t",
    "authenticator": "f f f f t f f",
    "supabase_auth_admin": "f f t f t f f",
    "supabase_storage_admin": "f f t f t f f",
    "supabase_functions_admin": "f f t f t f f",
    "supabase_realtime_admin": "f f f f f f f",
    "supabase_read_only_user": "f t f f t f t",
    "supabase_replication_admin": "f t f f t t f",
    "supabase_etl_admin": "f t f f t t f",
    "supabase_superuser": "f t f f f f f",
    "dashboard_user": "f t t t f t f",
    "pgbouncer": "f t f f t f f",
}
SCHEMAS = {
    "_realtime": "supabase_admin",
    "auth": "supabase_auth_admin",
    "extensions": "supabase_admin",
    "graphql": "supabase_admin",
    "graphql_public": "supabase_admin",
    "pgbouncer": "pgbouncer",
    "realtime": "supabase_realtime_admin",
    "storage": "supabase_storage_admin",
    "supabase_functions": "supabase_admin",
}
LOGINS = [
    "authenticator",
    "pgbouncer",
    "postgres",
    "supabase_auth_admin",
    "supabase_functions_admin",
    "supabase_read_only_user",
    "supabase_storage_admin",
]
API_ROLES = ["anon", "authenticated", "service_role"]


def test_roles_and_attributes(project):
    rows = project.sql(
        "SELECT rolname, concat_ws(' ', rolsuper, rolinherit, rolcreaterole, rolcreatedb,"
        " rolcanlogin, rolreplication, rolbypassrls) FROM pg_roles WHERE rolname !~ '^pg_'"
    )
    assert dict(rows) == ROLES


def test_memberships(project):
    rows = project.sql(
        "SELECT member::regrole, roleid::regrole, admin_option FROM pg_auth_members"
        " WHERE member >= 16384"
    )
    major = int(project.sql("SHOW server_version_num")[0][0]) // 10000
    admin = "t" if major >= 16 else "f"
    assert sorted(rows) == sorted(
        [
            *(["authenticator", role, "f"] for role in API_ROLES),
            *(["postgres", role, admin] for role in API_ROLES),
            ["postgres", "supabase_functions_admin", "f"],
            ["postgres", "pg_read_all_data", "f"],
            ["postgres", "pg_monitor", "f"],
            ["postgres", "pg_signal_backend", "f"],
            ["supabase_read_only_user", "pg_read_all_data", "f"],
            ["supabase_storage_admin", "authenticator", "f"],
        ]
    )


def test_role_settings(project):
    rows = project.sql(
        "SELECT setrole::regrole, array_to_string(ARRAY(SELECT unnest(setconfig) ORDER BY 1), ';')"
        " FROM pg_db_role_setting WHERE setdatabase = 0"
    )
    assert dict(rows) == {
        "anon": "statement_timeout=3s",
        "authenticated": "statement_timeout=8s",
        "authenticator": "lock_timeout=8s;statement_timeout=8s",
        "postgres": 'search_path="$user", public, extensions',
        "supabase_admin": 'search_path="$user", public, auth, extensions',
        "supabase_auth_admin": "search_path=auth",
        "supabase_functions_admin": "search_path=supabase_functions",
        "supabase_read_only_user": "default_transaction_read_only=on",
        "supabase_storage_admin": "search_path=storage",
    }


def test_database_setting_holds_no_secret(project):
    rows = project.sql(
        "SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setrole = 0 AND setdatabase <> 0"
    )
    assert rows == [["app.settings.jwt_exp=3600"]]


def test_schemas_and_owners(project):
    rows = project.sql(
        "SELECT nspname, nspowner::regrole FROM pg_namespace"
        " WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')"
    )
    assert dict(rows) == SCHEMAS


@pytest.mark.parametrize("role", LOGINS)
def test_services_log_in_with_the_password(project, role):
    result = project.psql("SELECT current_user", user=role, password=project.service_password)
    assert result.stdout.strip() == role, result.stderr
    refused = project.psql("SELECT", user=role, password="not the password")
    assert "password authentication failed" in refused.stderr


def test_the_superuser_keeps_its_password(project):
    result = project.psql("SELECT current_user")
    assert result.stdout.strip() == "supabase_admin", result.stderr


def test_authenticator_becomes_the_api_roles(project):
    for role in API_ROLES:
        result = project.psql(
            f"SET ROLE {role}",
            "SELECT current_user",
            user="authenticator",
            password=project.service_password,
        )
        assert result.stdout.strip() == role, result.stderr
    refused = project.psql(
        "SET ROLE supabase_admin", user="authenticator", password=project.service_password
    )
    assert "permission denied" in refused.stderr


def test_a_table_of_a_user_is_open_to_the_api_roles(project):
    created = project.psql(
        "CREATE TABLE public.notes (id int)", user="postgres", password=project.service_password
    )
    assert created.returncode == 0, created.stderr
    rows = project.sql(
        "SELECT role, privilege, has_table_privilege(role, 'public.notes', privilege)"
        " FROM unnest(ARRAY['anon', 'authenticated', 'service_role']) AS role,"
        " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege"
    )
    assert len(rows) == 12
    assert {granted for _, _, granted in rows} == {"t"}


def test_schema_rights(project):
    rows = project.sql(
        "SELECT schema, role, has_schema_privilege(role, schema, 'USAGE')"
        " FROM unnest(ARRAY['public', 'extensions', 'auth', 'storage', 'graphql_public',"
        " 'supabase_functions']) AS schema,"
        " unnest(ARRAY['postgres', 'anon', 'authenticated', 'service_role']) AS role"
    )
    assert len(rows) == 24
    assert {granted for _, _, granted in rows} == {"t"}
    closed = project.sql(
        "SELECT schema, has_schema_privilege('anon', schema, 'USAGE')"
        " FROM unnest(ARRAY['_realtime', 'pgbouncer', 'realtime']) AS schema"
    )
    assert {granted for _, granted in closed} == {"f"}
    creators = project.sql(
        "SELECT has_schema_privilege('supabase_auth_admin', 'auth', 'CREATE'),"
        " has_schema_privilege('supabase_storage_admin', 'storage', 'CREATE'),"
        " has_schema_privilege('postgres', 'auth', 'CREATE'),"
        " has_schema_privilege('anon', 'public', 'CREATE')"
    )
    assert creators == [["t", "t", "f", "f"]]


@pytest.mark.parametrize(
    ("role", "schema"), [("supabase_auth_admin", "auth"), ("supabase_storage_admin", "storage")]
)
def test_a_service_can_begin_its_migrations(project, role, schema):
    result = project.psql(
        f"CREATE SCHEMA IF NOT EXISTS {schema}",
        f"CREATE TABLE {schema}.schema_migrations (version text)",
        f"SELECT tableowner FROM pg_tables WHERE schemaname = '{schema}'",
        user=role,
        password=project.service_password,
    )
    assert (result.returncode, result.stdout.strip()) == (0, role), result.stderr


def test_extensions_that_the_server_offers(project):
    rows = project.sql(
        "SELECT extname, extnamespace::regnamespace FROM pg_extension WHERE extname <> 'plpgsql'"
    )
    assert dict(rows) == {
        "pgcrypto": "extensions",
        "uuid-ossp": "extensions",
        "pg_stat_statements": "extensions",
    }


def test_internal_database(project):
    rows = project.sql("SELECT datname, datdba::regrole FROM pg_database WHERE datname ~ '^_'")
    assert rows == [["_supabase", "supabase_admin"]]
    schemas = project.sql(
        "SELECT nspname, nspowner::regrole FROM pg_namespace WHERE nspname ~ '^_'",
        database="_supabase",
    )
    assert dict(schemas) == {"_analytics": "supabase_admin", "_supavisor": "supabase_admin"}


def test_users_own_their_database_and_publication(project):
    rows = project.sql(
        "SELECT datdba::regrole FROM pg_database WHERE datname = 'postgres'"
        " UNION ALL SELECT pubowner::regrole FROM pg_publication"
        " WHERE pubname = 'supabase_realtime' AND NOT puballtables"
    )
    assert rows == [["postgres"], ["postgres"]]
    empty = project.sql("SELECT count(*) FROM pg_publication_tables")
    assert empty == [["0"]]


def test_pooler_reads_verifiers(project):
    query = "SELECT username, left(password, 14) FROM pgbouncer.get_auth('authenticator')"
    result = project.psql(query, user="pgbouncer", password=project.service_password)
    assert result.stdout.strip() == "authenticator|SCRAM-SHA-256$", result.stderr
    refused = project.psql(query, user="postgres", password=project.service_password)
    assert "permission denied" in refused.stderr
    nobody = project.psql(
        "SELECT * FROM pgbouncer.get_auth('anon')",
        user="pgbouncer",
        password=project.service_password,
    )
    assert nobody.stdout == ""


def test_graphql_says_that_it_is_off(project):
    result = project.psql(
        "SET ROLE anon",
        "SELECT graphql_public.graphql(query := '{ a }') #>> '{errors,0,message}'",
        user="authenticator",
        password=project.service_password,
    )
    assert result.stdout.strip() == "the extension pg_graphql is not enabled in this project"


def test_nothing_secret_in_the_server_log(server, project):
    log = "\n".join(
        path.read_text(errors="replace") for path in server.supervisor.directory.glob("*.log")
    )
    # The server logs every statement, so the run itself must be seen.
    assert "CREATE SCHEMA _realtime" not in log
    assert "pg_advisory_lock" in log
    assert project.service_password not in log
    assert project.verifier not in log
