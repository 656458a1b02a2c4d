"""Nothing of a stack outlives the process that started it, however that process ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PARENT = """
import json, signal, sys
from pathlib import Path
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.postgres import Postgres

# Whoever runs the tests in the background has made their children deaf to it.
signal.signal(signal.SIGINT, signal.default_int_handler)

with ControlPlane(crds=Path('/nonexistent')) as cluster, Postgres() as database:
    database.psql("CREATE TABLE t AS SELECT 1 AS a")
    print(json.dumps({
        "folders": [str(cluster.directory), str(database.supervisor.directory)],
        "reapers": [cluster.supervisor.pid, database.supervisor.pid],
    }), flush=True)
    sys.stdin.readline()
"""

Stack = tuple[subprocess.Popen[str], list[Path], list[int]]


@pytest.fixture
def stack(announce, tmp_path: Path) -> Iterator[Stack]:
    from supamanager_dev import binaries

    binaries.ensure(announce)
    complaints = tmp_path / "stderr"
    with (
        complaints.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-c", PARENT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        ) as parent,
    ):
        assert parent.stdout is not None
        line = parent.stdout.readline()
        assert line, complaints.read_text()
        answer = json.loads(line)
        yield parent, [Path(folder) for folder in answer["folders"]], answer["reapers"]
        parent.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_stays_after_a_signal_to_the_parent(stack: Stack, number: signal.Signals):
    parent, folders, reapers = stack
    server = int((folders[1] / "data" / "postmaster.pid").read_text().splitlines()[0])
    assert server in _owners_of_shared_memory()
    assert len(_users_of(folders)) >= 7, "the programs that this test is about do not run"
    parent.send_signal(number)
    parent.wait(15)
    _await_nothing(folders, reapers)
    assert server not in _owners_of_shared_memory()


def test_nothing_stays_after_a_normal_end(stack: Stack):
    parent, folders, reapers = stack
    assert parent.stdin is not None
    parent.stdin.write("\n")
    parent.stdin.flush()
    assert parent.wait(15) == 0
    # A parent that ends in order has waited for it.
    assert not [folder for folder in folders if folder.exists()]
    _await_nothing(folders, reapers)


def test_nothing_stays_when_the_reapers_are_killed(stack: Stack):
    parent, folders, reapers = stack
    for pid in reapers:
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while _users_of(folders):
        assert time.monotonic() < deadline, _users_of(folders)
        time.sleep(0.05)
    assert parent.stdin is not None
    parent.stdin.write("\n")
    parent.stdin.flush()
    assert parent.wait(15) == 0
    _await_nothing(folders, reapers)


def _await_nothing(folders: list[Path], reapers: list[int]) -> None:
    deadline = time.monotonic() + 10
    while True:
        left = [
            *(str(folder) for folder in folders if folder.exists()),
            *_users_of(folders),
            *(f"reaper {pid}" for pid in reapers if Path(f"/proc/{pid}").exists()),
        ]
        if not left:
            return
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def _users_of(folders: list[Path]) -> list[str]:
    """Processes that name one of the folders in their command line, or work in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            place = str((process / "cwd").readlink())
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if any(str(folder) in words or place.startswith(str(folder)) for folder in folders):
            found.append(f"{process.name} {words}")
    return found


def _owners_of_shared_memory() -> list[int]:
    """Process ids of those who made the System V segments there are."""
    title, *segments = Path("/proc/sysvipc/shm").read_text().splitlines()
    column = title.split().index("cpid")
    return [int(segment.split()[column]) for segment in segments]
