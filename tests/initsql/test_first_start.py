"""A first start of the database that is cut short, on real servers."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time

import pytest

from projectsql import Project
from supamanager_dev import accounts, ports
from supamanager_operator.render import data

SCRIPTS = data.root() / "database"

# What the image's entry point does, in short: scripts of the first start run on a server that
# listens on its socket only, and then the server is started that everybody reaches.
ENTRY_POINT = """\
#!/bin/sh
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  echo "$PGPASSWORD" >"$RUN/password"
  initdb --username supabase_admin --pwfile "$RUN/password" --auth scram-sha-256 --locale C \\
    --encoding UTF8 --no-sync --no-instructions
  if [ "$CUT" = initdb ]; then : >"$RUN/cut" && exec sleep 600; fi
  "$@" -c listen_addresses= &
  until pg_isready --quiet --host "$RUN"; do sleep 0.1; done
  say() { psql --quiet --host "$RUN" --username supabase_admin --command "$1" postgres; }
  say 'CREATE ROLE postgres SUPERUSER LOGIN'
  if [ "$CUT" = scripts ]; then exec sleep 600; fi
  say 'ALTER ROLE postgres NOSUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS'
  kill -INT $!
  wait $!
fi
echo served >>"$RUN/served"
exec "$@"
"""


class Container:
    """The database's container: the volumes it has, and starts of it."""

    def __init__(self, installation, root):
        self.data, self.run, self._bin = (root / name for name in ("data", "run", "bin"))
        self.marker = root / "first-start" / "unfinished"
        for folder in (self.data, self.run, self._bin, self.marker.parent):
            folder.mkdir(mode=0o755)
        self.data.chmod(0o700)
        entry_point = self._bin / "docker-entrypoint.sh"
        entry_point.write_text(ENTRY_POINT)
        entry_point.chmod(0o755)
        for script in SCRIPTS.glob("*.sh"):
            shutil.copy(script, self._bin)
        self._account = accounts.unprivileged()
        if self._account:
            for folder in (self.data, self.run, self.marker.parent):
                accounts.hand_over(folder, self._account)
        self.port = ports.free(1)[0]
        self.project = Project(self.port, "supabase_admin", secrets.token_urlsafe(24))
        self._environment = {
            "PATH": f"{self._bin}:{installation.folder / 'bin'}:{os.environ['PATH']}",
            "LC_ALL": "C",
            "HOME": str(self.run),
            "RUN": str(self.run),
            "PGDATA": str(self.data),
            "PGPORT": str(self.port),
            "PGPASSWORD": self.project.password,
        }
        self._process = None

    def start(self, *, cut=""):
        """Start it; `cut` is where its first start takes for ever."""
        server = ["postgres", "-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1"]
        server += ["-c", f"unix_socket_directories={self.run}", "-c", "fsync=off"]
        self._process = self._popen("start.sh", self.data, self.marker, *server, CUT=cut)

    def mark(self):
        self.marker.touch()
        if self._account:
            accounts.hand_over(self.marker, self._account)

    def await_cut(self, sign):
        self._await(lambda: self._process.poll() is None and sign())

    def await_started(self):
        """The kubelet's start-up probe."""
        self._await(lambda: self._popen("started.sh", self.marker).wait() == 0)

    def kill(self):
        """All processes end at once, as with their pod."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        if pid := self.server():
            # As sudden, and no shared memory stays behind.
            os.kill(pid, signal.SIGQUIT)
            self._await(lambda: not os.path.exists(f"/proc/{pid}"))
        self._process = None

    def server(self):
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except (OSError, IndexError):
            return None
        return pid

    def starts(self):
        """How often the server was started that everybody reaches."""
        served = self.run / "served"
        return len(served.read_text().splitlines()) if served.exists() else 0

    def _popen(self, script, *argv, CUT=""):
        identity = {}
        if self._account:
            identity = {"user": self._account.uid, "group": self._account.gid, "extra_groups": []}
        with (self.run / "log").open("a") as log:
            return subprocess.Popen(
                ["/bin/sh", self._bin / script, *argv],
                env={**self._environment, "CUT": CUT},
                cwd="/",
                stdout=log,
                stderr=log,
                **identity,
            )

    def _await(self, met):
        deadline = time.monotonic() + 120
        while not met():
            assert time.monotonic() < deadline, (self.run / "log").read_text()
            time.sleep(0.1)


@pytest.fixture
def container(server):
    root = server.supervisor.directory / secrets.token_hex(4)
    root.mkdir(mode=0o755)
    # Its programs are where the servers' account reaches them.
    made = Container(server._installation, root)
    yield made
    made.kill()


def superuser(container):
    return container.project.sql("SELECT rolsuper FROM pg_roles WHERE rolname = 'postgres'")


def test_a_first_start_that_was_cut_short_begins_again(container):
    container.start(cut="initdb")
    container.await_cut(lambda: (container.run / "cut").exists())
    assert (container.data / "PG_VERSION").exists()
    assert container.marker.exists()
    container.kill()

    container.start(cut="scripts")
    container.await_cut(lambda: container.server() and _role_is_there(container))
    container.kill()
    assert container.starts() == 0

    container.start()
    container.await_started()
    assert superuser(container) == [["f"]]
    assert not container.marker.exists()
    assert container.project.init().returncode == 0


def _role_is_there(container):
    """The temporary server is asked over its socket."""
    found = container.project._environment(PGHOST=str(container.run))
    asked = subprocess.run(
        ["psql", "-Atqc", "SELECT rolsuper FROM pg_roles WHERE rolname = 'postgres'"],
        env={**container._environment, **found, "PATH": container._environment["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() == "t"


def test_what_was_complete_once_is_never_thrown_away(container):
    container.start()
    container.await_started()
    container.project.sql("CREATE TABLE kept (id int)")
    container.kill()
    # As if the disk had lost the marker's removal.
    container.mark()
    container.start()
    container.await_started()
    assert container.project.sql("SELECT to_regclass('kept')") == [["kept"]]
    assert not container.marker.exists()


def test_data_without_a_marker_are_left_alone(container):
    """Of an earlier release, say, or a volume that was kept. Then the init Job tells."""
    container.start(cut="scripts")
    container.await_cut(lambda: container.server() and _role_is_there(container))
    container.kill()
    container.marker.unlink()
    container.start()
    container.await_started()
    assert superuser(container) == [["t"]]
    assert not container.marker.exists()
    result = container.project.init()
    assert result.returncode == 3
    assert "050-first-start.sql" in result.stderr
    assert "the first start of the database was cut short" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert container.project.sql("SELECT to_regnamespace('auth')") == [[""]]
    container.project.sql("DROP ROLE postgres")
    assert container.project.init().returncode == 3


def test_after_the_first_run_the_superusers_are_the_users_choice(project):
    project.sql("ALTER ROLE postgres SUPERUSER")
    try:
        assert project.init().returncode == 0
    finally:
        project.sql("ALTER ROLE postgres NOSUPERUSER")
