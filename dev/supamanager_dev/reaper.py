"""The process that owns a stack's programs and its directory; started by `supervisor`, by path.

Its standard input is one end of a socket pair. While the other end is open it starts and stops
programs as asked. When the other end closes, however the parent died, it ends every program,
removes the directory and ends too. Should it be killed itself, the kernel ends the programs.

Messages are JSON, one a line: a request `{"op": "start" | "stop" | "poll", "name": …}` is
answered by one line. Only the standard library is used, so that it starts in milliseconds.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

_PR_SET_PDEATHSIG = 1


@dataclass
class _Program:
    process: subprocess.Popen[bytes]
    stop_signal: int
    end_signal: int
    grace: float

    def signal(self, number: int) -> None:
        """To the whole process group, which lives as long as any member does."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def await_end(self, deadline: float) -> int:
        try:
            code = self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            code = self.process.wait()
        self.signal(signal.SIGKILL)
        return code


class Reaper:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._programs: dict[str, _Program] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["name"]
        if request["op"] == "start":
            try:
                return {"pid": self._start(name, request)}
            except OSError as error:
                return {"error": str(error)}
        program = self._programs.get(name)
        if program is None:
            return {"error": f"{name} was never started"}
        if request["op"] == "stop":
            program.signal(request.get("signal") or program.stop_signal)
            return {"code": program.await_end(time.monotonic() + program.grace)}
        return {"code": program.process.poll()}

    def _start(self, name: str, request: dict[str, Any]) -> int:
        if name in self._programs and self._programs[name].process.poll() is None:
            raise FileExistsError(f"{name} is running already")
        account = request["account"]
        identity: dict[str, Any] = {}
        if account is not None:
            identity = {"user": account["uid"], "group": account["gid"], "extra_groups": []}
        with Path(request["log"]).open("ab") as log:
            process = subprocess.Popen(
                request["argv"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=request["cwd"],
                env=request["env"],
                process_group=0,
                preexec_fn=_bound_to(os.getpid(), request["end_signal"]),
                **identity,
            )
        self._programs[name] = _Program(
            process, request["stop_signal"], request["end_signal"], request["grace"]
        )
        return process.pid

    def end(self) -> None:
        for program in self._programs.values():
            program.signal(program.end_signal)
        deadline = time.monotonic() + 5
        for program in self._programs.values():
            program.await_end(deadline)
        # A server's own children may outlive it by some milliseconds and still write.
        for _ in range(50):
            shutil.rmtree(self.directory, ignore_errors=True)
            if not self.directory.exists():
                break
            time.sleep(0.05)


def _bound_to(parent: int, end_signal: int) -> Callable[[], None]:
    """What a new program does before it becomes one: it asks to be ended with its parent.

    This runs after the change of user, which would clear the wish.
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, end_signal)
        if os.getppid() != parent:
            os._exit(1)

    return bind


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Not SIG_IGN, which our programs would inherit."""


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> None:
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _ignore)
    with socket.socket(fileno=os.dup(0)) as link, link.makefile("rw", encoding="utf-8") as lines:
        reaper = Reaper(Path(tempfile.mkdtemp(prefix=f"supamanager-{sys.argv[1]}-")))
        try:
            complaints = os.open(reaper.directory / "reaper.log", os.O_CREAT | os.O_WRONLY, 0o600)
            os.dup2(complaints, 2)
            print(json.dumps({"directory": str(reaper.directory)}), file=lines, flush=True)
            for line in lines:
                print(json.dumps(reaper.answer(json.loads(line))), file=lines, flush=True)
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            reaper.end()


if __name__ == "__main__":
    main()
