"""`python -m …` as forks of a process that has imported everything: the imports cost a second of
CPU, and the tests start hundreds of APIs and operators.

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
import runpy
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
_STOP_SECONDS = 10.0


class Forks:
    """A context manager: the running program, with these modules imported and files run."""

    def __init__(self, *modules: str, warnings: str | None = None) -> None:
        self._modules = modules
        self._options = ["-P"] if warnings is None else ["-P", "-W", warnings]
        self._lock = threading.Lock()

    def __enter__(self) -> Forks:
        self._path = os.environ.get("PYTHONPATH")
        self._link, theirs = socket.socketpair()
        with theirs:
            self._program = subprocess.Popen(
                [sys.executable, *self._options, __file__, *self._modules], stdin=theirs
            )
        self._lines = self._link.makefile("rw", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._link.close()
        self._program.wait(20)

    def start(self, module: str, *arguments: str, env: dict[str, str], log: Path) -> Process:
        """Run a module with this environment; its output goes to `log`."""
        if env.get("PYTHONPATH", self._path) != self._path:
            # What was imported is not what this process is to import.
            return execute(module, *arguments, env=env, log=log)
        log.touch()
        pid = self.ask(module=module, arguments=arguments, env=env, log=str(log))
        return Fork(self, int(pid))

    def ask(self, **request: Any) -> Any:
        with self._lock:
            print(json.dumps(request), file=self._lines, flush=True)
            answer = self._lines.readline()
        assert answer, "the process that is forked has ended"
        return json.loads(answer)


class Fork:
    """As much of `subprocess.Popen` as the tests use."""

    def __init__(self, forks: Forks, pid: int) -> None:
        self._forks = forks
        self.pid = pid
        self.returncode: int | None = None
        # Its end is told once, and its number is another's after that.
        self._lock = threading.RLock()

    def poll(self) -> int | None:
        with self._lock:
            if self.returncode is None:
                self.returncode = self._forks.ask(ended=self.pid)
            return self.returncode

    def wait(self, timeout: float) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"fork {self.pid}", timeout)
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        # A process that ended keeps its number until somebody was told of its end.
        with self._lock:
            if self.poll() is None:
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Process = Fork | subprocess.Popen[bytes]


def execute(module: str, *arguments: str, env: dict[str, str], log: Path) -> Process:
    """The same without a fork, where it matters how a process starts or what memory it has."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


class ForkSupervisor:
    """As much of `Supervisor` as an operator's process needs, with forks for programs."""

    def __init__(self, forks: Forks, directory: Path) -> None:
        self._forks = forks
        self._directory = directory
        self._running: dict[str, Process] = {}

    def log(self, name: str) -> Path:
        return self._directory / f"{name}.log"

    def start(self, name: str, argv: Sequence[str], *, env: dict[str, str], **_: Any) -> int:
        python, option, *words = argv
        assert (python, option) == (sys.executable, "-m"), argv
        self._running[name] = self._forks.start(*words, env=env, log=self.log(name))
        return self._running[name].pid

    def stop(self, name: str, *, number: int = signal.SIGTERM) -> int:
        process = self._running[name]
        process.send_signal(number)
        try:
            return process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait(_STOP_SECONDS)

    def exit_code(self, name: str) -> int | None:
        return self._running[name].poll()

    def check(self, name: str) -> None:
        from supamanager_dev.errors import ProgramFailed

        code = self.exit_code(name)
        if code is not None:
            raise ProgramFailed(name, code, self.log(name).read_text()[-4000:])


def _main(modules: Sequence[str]) -> None:
    for module in modules:
        if module.endswith(".py"):
            runpy.run_path(module)
            continue
        importlib.import_module(module)
        if module.endswith("__main__"):
            del sys.modules[module]  # as it is when it is run
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
        sys.argv = [request["module"], *request["arguments"]]
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    _main(sys.argv[1:])
