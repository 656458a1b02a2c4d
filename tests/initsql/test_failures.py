"""Runs that must not succeed: they say where and why, and never a secret."""

from __future__ import annotations

import socket

import pytest


def _assert_no_secret(project, result):
    output = result.stdout + result.stderr
    for secret in (project.password, project.service_password, project.verifier):
        assert secret not in output
    assert "SCRAM-SHA-256$" not in output


@pytest.mark.parametrize(
    ("plant", "remove", "place"),
    [
        (
            "CREATE VIEW supabase_functions.hooks AS SELECT 1 AS request_id",
            "DROP VIEW supabase_functions.hooks",
            "300-webhooks.sql",
        ),
        (
            "ALTER TABLE supabase_functions.hooks RENAME COLUMN hook_name TO name",
            "ALTER TABLE supabase_functions.hooks RENAME COLUMN name TO hook_name",
            "300-webhooks.sql",
        ),
        (
            "CREATE FUNCTION extensions.pgrst_ddl_watch() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "DROP FUNCTION extensions.pgrst_ddl_watch()",
            "320-schema-reload.sql",
        ),
    ],
    ids=["a view in a table's place", "a column renamed", "a function of another type"],
)
def test_a_conflicting_object_fails_the_run(project, plant, remove, place):
    if "hooks AS" in plant:
        project.sql("DROP TABLE supabase_functions.hooks")
    if "pgrst" in plant:
        project.sql(
            "DROP EVENT TRIGGER pgrst_ddl_watch", "DROP FUNCTION extensions.pgrst_ddl_watch()"
        )
    if "RENAME" in plant:
        project.sql("DROP INDEX supabase_functions.supabase_functions_hooks_h_table_id_h_name_idx")
    project.sql(plant)
    result = project.init()
    assert result.returncode == 3
    assert place in result.stderr
    assert "ERROR" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    _assert_no_secret(project, result)
    project.sql(remove)
    assert project.init().returncode == 0


def test_a_failure_beside_the_passwords_keeps_them(project):
    project.sql("CREATE SCHEMA blocked")
    project.sql("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    try:
        project.sql("SELECT pg_sleep(0.5)")
        result = project.init()
    finally:
        project.sql(
            "SET default_transaction_read_only = off",
            "ALTER SYSTEM RESET default_transaction_read_only",
            "SELECT pg_reload_conf()",
        )
        project.sql("SELECT pg_sleep(0.5)")
    assert result.returncode == 3
    assert "110-passwords.sql" in result.stderr
    assert "read-only transaction" in result.stderr
    _assert_no_secret(project, result)


def test_a_wrong_password_is_reported(project):
    result = project.init(PGPASSWORD="wrong", INIT_WAIT_SECONDS="0")
    assert result.returncode == 69
    assert 'password authentication failed for user "supabase_admin"' in result.stderr
    _assert_no_secret(project, result)


def test_no_server_in_time(project):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        result = project.init(PGPORT=str(unused.getsockname()[1]), INIT_WAIT_SECONDS="1")
    assert result.returncode == 69
    assert "no database within 1 s" in result.stderr


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ({"PASSWORD_VERIFIER": None}, "PASSWORD_VERIFIER"),
        ({"PASSWORD_VERIFIER": "a plain password"}, "PASSWORD_VERIFIER"),
        ({"PASSWORD_VERIFIER": "SCRAM-SHA-256$4096:AAAA$AAAA"}, "PASSWORD_VERIFIER"),
        ({"JWT_EXP": None}, "JWT_EXP"),
        ({"JWT_EXP": "3600; DROP DATABASE postgres"}, "JWT_EXP"),
        ({"INIT_WAIT_SECONDS": "soon"}, "INIT_WAIT_SECONDS"),
    ],
)
def test_a_wrong_environment_is_refused(project, override, named):
    """A verifier in another form would be taken for a password and hashed."""
    result = project.init(**override)
    assert result.returncode == 64
    assert result.stderr.startswith(f"init: {named} is not")
    assert "plain password" not in result.stderr
