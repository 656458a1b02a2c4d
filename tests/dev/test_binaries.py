"""How the control plane's programs are built and kept, with a Go that only pretends.

How they are downloaded is told by `test_downloads.py`; here no place is asked.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from supamanager_dev import binaries, gobuild
from supamanager_dev.errors import ProgramFailed, ToolMissing
from supamanager_dev.settings import PREFIX, Settings

HEAD = """#!/bin/sh
echo run >> "$CALLS"
for word; do
  if [ "$last" = "-o" ]; then folder=$word; fi
  last=$word
done
echo "go: downloading example.org/module v1.0.0"
echo example.org/module/package
"""
GOOD = (
    HEAD
    + """
for name in server kube-apiserver kube-controller-manager kube-scheduler kwok; do
  echo program > "$folder$name"
done
"""
)
HALF = HEAD + 'echo program > "$folder"kwok; echo "out of memory" >&2; exit 2\n'
SHORT = HEAD + 'echo program > "$folder"server\n'
ENDLESS = HEAD + 'echo program > "$folder"kwok; sleep 600\n'


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the programs are kept; the home of this test is empty."""
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    for field in fields(Settings):
        monkeypatch.setenv(PREFIX + field.name.upper(), "")
    return tmp_path / "cache" / "supamanager" / "bin" / binaries.version()


@pytest.fixture
def use_go(tmp_path: Path, cached: Path) -> Callable[[str], None]:
    def write(script: str) -> None:
        program = tmp_path / "tools" / "go"
        program.write_text(script)
        program.chmod(0o755)

    return write


def calls(tmp_path: Path) -> int:
    return len((tmp_path / "calls").read_text().splitlines())


def test_built_once_and_taken_from_the_cache_afterwards(tmp_path: Path, cached: Path, use_go):
    use_go(GOOD)
    said: list[str] = []
    assert binaries.ensure(said.append) == cached
    assert sorted(path.name for path in cached.iterdir()) == sorted(binaries.PROGRAMS)
    assert "once, about 8 minutes" in said[0]
    said.clear()
    assert binaries.ensure(said.append) == cached
    assert said == []
    assert calls(tmp_path) == 1


def test_a_missing_program_is_built_again(tmp_path: Path, cached: Path, use_go):
    use_go(GOOD)
    binaries.ensure()
    (cached / "kwok").unlink()
    binaries.ensure()
    assert (cached / "kwok").is_file()
    assert calls(tmp_path) == 2


def test_progress_is_told_while_go_runs(cached: Path, use_go, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gobuild, "_SPEAK_EVERY", 0.2)
    use_go(GOOD.replace("for name", "sleep 1\nfor name"))
    said: list[str] = []
    binaries.ensure(said.append)
    assert any("1 modules downloaded, 1 packages compiled" in line for line in said)


@pytest.mark.parametrize(
    ("script", "words"),
    [(HALF, r"(?s)go ended with code 2.*out of memory"), (SHORT, "it built no kube-apiserver")],
)
def test_a_failed_build_leaves_nothing_and_is_repeated(
    cached: Path, use_go, *, script: str, words: str
):
    use_go(script)
    with pytest.raises(ProgramFailed, match=words):
        binaries.ensure()
    assert not [path for path in cached.parent.iterdir() if path.is_dir()]
    use_go(GOOD)
    assert binaries.ensure() == cached


def test_two_at_once_build_once(tmp_path: Path, cached: Path, use_go):
    use_go(GOOD.replace("for name", "sleep 1\nfor name"))
    said: list[str] = []
    threads = [threading.Thread(target=binaries.ensure, args=(said.append,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls(tmp_path) == 1
    assert sum("waiting for another process" in line for line in said) == 2


def test_a_killed_build_leaves_no_process_and_no_program(tmp_path: Path, cached: Path, use_go):
    use_go(ENDLESS)
    code = "from supamanager_dev import binaries; binaries.ensure()"
    with subprocess.Popen([sys.executable, "-c", code]) as builder:
        partial = cached.parent / f".{cached.name}.partial"
        await_true(lambda: (partial / "kwok").exists())
        builder.send_signal(signal.SIGKILL)
        builder.wait()
    await_true(lambda: not running_in(str(partial)))
    assert not cached.exists()
    use_go(GOOD)
    assert binaries.ensure() == cached
    assert not partial.exists()


def test_a_machine_without_go_is_told_what_to_do(cached: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ToolMissing, match=r"Go 1\.26 or newer.*install it from"):
        binaries.ensure()


def running_in(folder: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if folder in words:
            found.append(words)
    return found


def await_true(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, "waited 15 s in vain"
        time.sleep(0.05)
