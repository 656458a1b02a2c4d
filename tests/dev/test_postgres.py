from __future__ import annotations

import os
import pwd
import socket
from pathlib import Path

import asyncpg
import pytest

from supamanager_dev import accounts, ports
from supamanager_dev.errors import ProgramFailed
from supamanager_dev.postgres import Postgres
from supamanager_dev.projectdb import ProjectPostgres


def test_the_server_runs_without_privileges(management_postgres: Postgres):
    data = management_postgres.supervisor.directory / "data"
    pid = (data / "postmaster.pid").read_text().splitlines()[0]
    owner = Path(f"/proc/{pid}").stat().st_uid
    expected = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    assert owner == data.stat().st_uid == expected
    assert owner != 0
    assert data.stat().st_mode & 0o077 == 0


async def test_each_test_has_a_database_of_its_own(database_url: str):
    connection = await asyncpg.connect(database_url)
    try:
        tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        assert await connection.fetchval(tables) == 0
        await connection.execute("CREATE TABLE mine ()")
        assert await connection.fetchval(tables) == 1
    finally:
        await connection.close()


async def test_the_password_is_asked_for(management_postgres: Postgres):
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(
            host="127.0.0.1", port=management_postgres.port, user="postgres", password="another"
        )


def test_a_restart_keeps_address_and_data():
    with Postgres() as server:
        server.create_database('odd "name"')
        server.psql("CREATE TABLE kept AS SELECT 42 AS answer", database='odd "name"')
        before = server.dsn()
        server.restart()
        assert server.dsn() == before
        assert server.psql("SELECT answer FROM kept", database='odd "name"') == "42\n"
        server.stop()
        with pytest.raises(ProgramFailed, match="refused"):
            server.psql("SELECT 1")
        server.start()
        server.drop_database('odd "name"')
        assert server.psql("SELECT count(*) FROM pg_database WHERE datname LIKE 'odd%'") == "0\n"


def test_another_port_is_taken_when_one_is_not_free(monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []
    draw = ports.free
    with socket.create_server(("127.0.0.1", 0)) as occupant:
        offers = iter([[occupant.getsockname()[1]]])
        monkeypatch.setattr(ports, "free", lambda count: next(offers, None) or draw(count))
        with Postgres(progress=said.append) as server:
            assert server.port != occupant.getsockname()[1]
            assert server.psql("SELECT 1") == "1\n"
    assert any("port was taken" in line for line in said)


def test_an_error_says_what_the_server_said(management_postgres: Postgres, tmp_path: Path):
    script = tmp_path / "bad.sql"
    script.write_text("SELECT 1;\nSELECT nonsense;\nCREATE TABLE too_late ();\n")
    with pytest.raises(ProgramFailed, match=r'bad.sql:2: ERROR:  column "nonsense"'):
        management_postgres.psql(script)
    assert management_postgres.psql("SELECT to_regclass('too_late') IS NULL") == "t\n"


def test_a_projects_server_has_its_version_and_extensions(project_postgres: ProjectPostgres):
    major = project_postgres.psql("SELECT current_setting('server_version_num')::int / 10000")
    assert project_postgres.label == f"PostgreSQL {major.strip()}"
    for name in ("pgcrypto", "uuid-ossp", "pg_stat_statements"):
        project_postgres.psql(f'CREATE EXTENSION IF NOT EXISTS "{name}"')
    assert len(project_postgres.psql("SELECT gen_random_uuid()").strip()) == 36


def test_a_folder_is_open_to_all_only_if_those_above_it_are(tmp_path: Path):
    shut = [each for each in tmp_path.parents if not each.stat().st_mode & 0o001]
    for each in shut:
        each.chmod(0o755)
    folder = tmp_path / "closed" / "open"
    folder.mkdir(parents=True)
    file = folder / "program"
    file.touch(mode=0o755)
    for each in (folder, folder.parent, tmp_path):
        each.chmod(0o755)
    assert accounts.open_to_all(file)
    folder.parent.chmod(0o700)
    assert not accounts.open_to_all(file)
    folder.parent.chmod(0o755)
    file.chmod(0o700)
    assert not accounts.open_to_all(file)
