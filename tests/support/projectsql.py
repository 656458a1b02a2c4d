"""A project's PostgreSQL, before the init Job has run and after, and the Job itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supamanager_dev import postgres

SCRIPT = Path(__file__).parents[2] / "manifests" / "init" / "run.sh"
PSQL = postgres.from_wheel().program("psql")


def scram_verifier(password: str, *, salt: bytes, iterations: int = 4096) -> str:
    """What PostgreSQL stores of a password (RFC 5803)."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${iterations}:{parts[0]}${parts[1]}:{parts[2]}"


@dataclass(frozen=True)
class Project:
    """A server whose superuser is `user`, and the password that the Job hands out."""

    port: int
    user: str
    password: str
    service_password: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def verifier(self) -> str:
        return scram_verifier(self.service_password, salt=b"sixteen bytes ..")

    def sql(self, *commands: str, database: str = "postgres") -> list[list[str]]:
        """The rows of the last command, as the superuser."""
        result = self.psql(*commands, database=database)
        assert result.returncode == 0, result.stderr
        return [line.split("|") for line in result.stdout.splitlines()]

    def psql(
        self,
        *commands: str,
        database: str = "postgres",
        user: str | None = None,
        password: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        argv = [str(PSQL), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
        argv += ["--set", "ON_ERROR_STOP=1"]
        for command in commands:
            argv += ["--command", command]
        environment = self._environment(
            PGDATABASE=database,
            PGUSER=user or self.user,
            PGPASSWORD=password or self.password,
        )
        return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)

    def init(self, **overrides: str | None) -> subprocess.CompletedProcess[str]:
        """What the Job's container does; an override of None takes a variable away."""
        environment = self._environment(
            **{
                "PASSWORD_VERIFIER": self.verifier,
                "JWT_EXP": "3600",
                "INIT_WAIT_SECONDS": "10",
                **overrides,
            }
        )
        return subprocess.run(
            ["/bin/sh", str(SCRIPT)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def _environment(self, **values: str | None) -> dict[str, str]:
        environment: dict[str, str | None] = {
            "PATH": f"{PSQL.parent}:{os.defpath}",
            "LC_ALL": "C",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGDATABASE": "postgres",
            "PGPASSWORD": self.password,
            **values,
        }
        return {key: value for key, value in environment.items() if value is not None}


def like_the_image(server: Any) -> Project:
    """An empty server with the image's first superuser, supabase_admin, and without anything else
    of it but `postgres`, who is none."""
    password = secrets.token_urlsafe(24)
    helper = Project(port=server.port, user="helper", password=password)
    server.psql(f"CREATE ROLE helper SUPERUSER LOGIN PASSWORD '{password}'")
    helper.sql(
        "ALTER ROLE postgres RENAME TO supabase_admin",
        f"ALTER ROLE supabase_admin PASSWORD '{password}'",
    )
    blank = Project(port=server.port, user="supabase_admin", password=password)
    blank.sql(
        "DROP ROLE helper",
        "CREATE ROLE postgres CREATEDB CREATEROLE LOGIN REPLICATION BYPASSRLS",
    )
    return blank
