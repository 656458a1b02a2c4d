from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from pathlib import Path

import pytest

from supamanager_dev.errors import ProgramFailed, SupervisorLost
from supamanager_dev.supervisor import Supervisor


def test_a_program_speaks_into_its_log_and_is_asked_for_its_code():
    with Supervisor("test") as supervisor:
        supervisor.run("hello", ["sh", "-c", "echo hello; echo there >&2"])
        assert supervisor.log_tail("hello") == "hello\nthere"
        with pytest.raises(ProgramFailed, match=r"(?s)failing ended with code 3.*sorry"):
            supervisor.run("failing", ["sh", "-c", "echo sorry; exit 3"])
        with pytest.raises(ProgramFailed, match="absent could not be started"):
            supervisor.start("absent", ["/nonexistent/program"])


def test_one_name_runs_once_at_a_time():
    with Supervisor("test") as supervisor:
        supervisor.start("sleeper", ["sleep", "60"])
        with pytest.raises(ProgramFailed, match="running already"):
            supervisor.start("sleeper", ["sleep", "60"])
        assert supervisor.stop("sleeper") == -signal.SIGKILL
        supervisor.start("sleeper", ["sleep", "60"])
        supervisor.check("sleeper")


def test_stop_sends_the_programs_own_signal():
    with Supervisor("test") as supervisor:
        script = "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done"
        supervisor.start("polite", ["sh", "-c", script], stop_signal=signal.SIGTERM)
        _await(lambda: supervisor.log_tail("polite") == "ready")
        assert supervisor.stop("polite") == 7
        assert supervisor.log_tail("polite").endswith("bye")


def test_a_program_that_will_not_stop_is_killed_after_its_grace():
    with Supervisor("test") as supervisor:
        script = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
        supervisor.start("stubborn", ["sh", "-c", script], stop_signal=signal.SIGTERM, grace=0.3)
        _await(lambda: supervisor.log_tail("stubborn") == "ready")
        assert supervisor.stop("stubborn") == -signal.SIGKILL


def test_children_of_a_program_end_with_it():
    with Supervisor("test") as supervisor:
        child_script = "trap '' TERM; echo $$; while :; do sleep 0.05; done"
        script = f"sh -c {shlex.quote(child_script)} & wait"
        supervisor.start("parent", ["sh", "-c", script], stop_signal=signal.SIGTERM)
        _await(lambda: supervisor.log_tail("parent").isdigit())
        child = int(supervisor.log_tail("parent"))
        supervisor.stop("parent")
        _await(lambda: not _alive(child))


def test_closing_ends_programs_and_removes_the_directory():
    supervisor = Supervisor("test")
    pid = supervisor.start("sleeper", ["sleep", "60"])
    directory = supervisor.directory
    (directory / "file").write_text("something")
    supervisor.close()
    assert not directory.exists()
    assert not _alive(pid)
    assert not _alive(supervisor.pid)
    supervisor.close()


def test_when_the_reaper_is_killed_its_programs_die_and_we_remove_the_directory():
    supervisor = Supervisor("test")
    pid = supervisor.start("sleeper", ["sleep", "60"])
    directory = supervisor.directory
    os.kill(supervisor.pid, signal.SIGKILL)
    _await(lambda: not _alive(pid))
    with pytest.raises(SupervisorLost):
        supervisor.exit_code("sleeper")
    supervisor.close()
    assert not directory.exists()


def test_programs_do_not_inherit_an_ignored_interrupt():
    with Supervisor("test") as supervisor:
        code = "import signal; print(signal.getsignal(signal.SIGINT).__name__)"
        supervisor.run("python", [sys.executable, "-c", code])
        assert supervisor.log_tail("python") == "default_int_handler"


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _await(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "waited 10 s in vain"
        time.sleep(0.02)
