"""One shell for all that somebody types, as a person has one: variables and functions stay."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path


class CommandFailed(AssertionError):
    """Says which command of which block ended how, and what was printed."""


class Shell:
    """A context manager: a bash in a folder. A command that fails inside of a block fails it, as
    does a variable that nobody has set."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._number = 0

    def __enter__(self) -> Shell:
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-s"],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        # Said at the end of the block, and not by the status of its last command alone.
        self._tell("set -uE -o pipefail; failed=; trap 'failed+=\"$? from $BASH_COMMAND; \"' ERR")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._end()
        self._process.stdout.close()

    def set(self, name: str, value: str) -> None:
        """Export a variable, by a file: no value is on a command line."""
        path = self._folder / f".{name}"
        path.touch(mode=0o600)
        path.write_text(value)
        self._tell(f'{name}=$(cat ".{name}"); export {name}')

    def run(self, block: str, *, timeout: float) -> str:
        """What it printed.

        Raises:
            CommandFailed
        """
        self._number += 1
        script = self._folder / f".block-{self._number}.sh"
        output = self._folder / f".block-{self._number}.out"
        script.write_text(block)
        mark = secrets.token_hex(8)
        self._tell(
            f"failed=; . ./{script.name} </dev/null >{output.name} 2>&1; "
            f'printf "%s %s\\n" {mark} "${{failed//$\'\\n\'/ }}"'
        )
        answer = self._answer(timeout)
        said = output.read_text(errors="replace") if output.exists() else ""
        if not answer.startswith(mark):
            raise CommandFailed(f"no end within {timeout:.0f} s, or the shell ended:\n{said}")
        if failure := answer.removeprefix(mark).strip():
            raise CommandFailed(f"{failure}\n{said}")
        return said

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _answer(self, timeout: float) -> str:
        """The next line; empty if there is none in time."""
        assert self._process.stdout is not None
        found: list[str] = []
        reader = threading.Thread(
            target=lambda stream: found.append(stream.readline()),
            args=(self._process.stdout,),
            daemon=True,
        )
        reader.start()
        deadline = time.monotonic() + timeout
        while reader.is_alive() and time.monotonic() < deadline:
            reader.join(0.1)
        if reader.is_alive():
            self._end()
            reader.join()
        return found[0] if found else ""

    def _end(self) -> None:
        """The shell, and what it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
