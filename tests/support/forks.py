"""API processes as forks of one that has imported everything: an import costs a second of CPU, and
the tests start hundreds. What is started by its command line is tested with the whole product.

This file is also the program that forks, run by its path. Its standard input is one end of a
socket pair; when the other end closes, however the tests ended, it and its forks end. Messages are
JSON, one a line.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

_PR_SET_PDEATHSIG = 1
_IMPORTED = (
    *("supamanager_api.app", "uvicorn.main", "uvicorn.lifespan.on", "uvicorn.loops.auto"),
    *("uvicorn.protocols.http.auto", "uvicorn.protocols.websockets.auto"),
)


def start_program(
    arguments: Sequence[str], *, env: dict[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """The same by its command line, for what a fork inherits: how it starts, what memory it has."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "uvicorn", *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


class Forks:
    """A context manager: the running program."""

    def __enter__(self) -> Forks:
        self._link, theirs = socket.socketpair()
        with theirs:
            self._program = subprocess.Popen([sys.executable, "-P", __file__], stdin=theirs)
        self._lines = self._link.makefile("rw", encoding="utf-8")
        self._lock = threading.Lock()
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._link.close()
        self._program.wait(20)

    def start(self, arguments: Sequence[str], *, env: dict[str, str], log: Path) -> Fork:
        """Run uvicorn with these arguments and this environment; its output goes to `log`."""
        log.touch()
        pid = self.ask(arguments=list(arguments), env=env, log=str(log))
        return Fork(self, int(pid))

    def ask(self, **request: Any) -> Any:
        with self._lock:
            print(json.dumps(request), file=self._lines, flush=True)
            return json.loads(self._lines.readline())


class Fork:
    """As much of `subprocess.Popen` as the tests use."""

    def __init__(self, forks: Forks, pid: int) -> None:
        self._forks = forks
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._forks.ask(ended=self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("uvicorn", timeout)
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        # A process that ended keeps its number until somebody was told of its end.
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _main() -> None:
    for module in _IMPORTED:
        importlib.import_module(module)
    # What is never collected is not written to either, and stays shared.
    gc.freeze()
    signal.signal(signal.SIGINT, lambda *_: None)
    parent = os.getpid()
    with socket.socket(fileno=os.dup(0)) as link, link.makefile("rw", encoding="utf-8") as lines:
        for line in lines:
            request = json.loads(line)
            if "ended" in request:
                answer = _ended(request["ended"])
            elif (answer := os.fork()) == 0:
                os.close(link.detach())
                _become(request, parent=parent)
            print(json.dumps(answer), file=lines, flush=True)


def _ended(pid: int) -> int | None:
    """The exit code of a fork that is over, asked for once."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _become(request: dict[str, Any], *, parent: int) -> NoReturn:
    code: Any = 1
    try:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        output = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.clear()
        os.environ.update(request["env"])
        importlib.import_module("uvicorn.main").main(request["arguments"])
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    _main()
