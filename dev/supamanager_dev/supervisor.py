"""The parent's side of a stack: starts the reaper and asks it for programs.

The reaper lives in a session of its own, so a Ctrl-C in the terminal reaches only us, and we
decide in which order things end.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from supamanager_dev import reaper
from supamanager_dev.accounts import Account
from supamanager_dev.errors import ProgramFailed, SupervisorLost
from supamanager_dev.resource import Resource

_TAIL_BYTES = 4000


class Supervisor(Resource):
    """Programs and a temporary directory that end with this process, however it ends."""

    def __init__(self, name: str) -> None:
        self._lock = threading.Lock()
        self._link, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", reaper.__file__, name],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
        self._lines = self._link.makefile("rw", encoding="utf-8")
        self._closed = False
        self._directory: Path | None = None
        try:
            self._directory = Path(self._read()["directory"])
        except BaseException:
            self.close()
            raise

    @property
    def directory(self) -> Path:
        assert self._directory is not None
        return self._directory

    @property
    def pid(self) -> int:
        return self._process.pid

    def log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def log_tail(self, name: str) -> str:
        with contextlib.suppress(FileNotFoundError), self.log(name).open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - _TAIL_BYTES))
            return log.read().decode(errors="replace").strip()
        return ""

    def start(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        account: Account | None = None,
        stop_signal: int = signal.SIGKILL,
        end_signal: int = signal.SIGKILL,
        grace: float = 10,
    ) -> int:
        """Start a program, its output going to `log(name)`; returns its process id.

        `stop_signal` is what `stop` sends; `end_signal` is what it gets when everything ends.
        `grace` is how many seconds it has before it is killed.
        """
        answer = self._ask(
            {
                "op": "start",
                "name": name,
                "argv": [str(word) for word in argv],
                "env": dict(os.environ if env is None else env),
                "cwd": str(cwd or self.directory),
                "log": str(self.log(name)),
                "account": account and {"uid": account.uid, "gid": account.gid},
                "stop_signal": int(stop_signal),
                "end_signal": int(end_signal),
                "grace": grace,
            }
        )
        return int(answer["pid"])

    def stop(self, name: str, *, number: int | None = None) -> int:
        """End a program and its group; returns its exit code. `number` replaces its signal."""
        return int(self._ask({"op": "stop", "name": name, "signal": number})["code"])

    def exit_code(self, name: str) -> int | None:
        code = self._ask({"op": "poll", "name": name})["code"]
        return None if code is None else int(code)

    def check(self, *names: str) -> None:
        """Raise ProgramFailed if one of these programs has ended."""
        for name in names:
            code = self.exit_code(name)
            if code is not None:
                raise ProgramFailed(name, code, self.log_tail(name))

    def run(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        account: Account | None = None,
    ) -> None:
        """Run a program to its end; raises ProgramFailed unless it ends with code 0."""
        self.start(name, argv, env=env, cwd=cwd, account=account)
        while (code := self.exit_code(name)) is None:
            time.sleep(0.02)
        if code != 0:
            raise ProgramFailed(name, code, self.log_tail(name))

    def close(self) -> None:
        """End everything and remove the directory."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(OSError):
            self._lines.close()
        self._link.close()
        self._process.wait()
        # The reaper does this itself, unless it was killed.
        if self._directory is not None:
            for _ in range(50):
                shutil.rmtree(self._directory, ignore_errors=True)
                if not self._directory.exists():
                    break
                time.sleep(0.05)

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            try:
                self._lines.write(json.dumps(request) + "\n")
                self._lines.flush()
            except (OSError, ValueError) as error:
                raise SupervisorLost("the supervisor is gone: its programs have ended") from error
            answer = self._read()
        if "error" in answer:
            raise ProgramFailed(request["name"], None, answer["error"])
        return answer

    def _read(self) -> dict[str, Any]:
        try:
            line = self._lines.readline()
        except OSError:
            line = ""
        if not line:
            raise SupervisorLost("the supervisor is gone: its programs have ended")
        answer: dict[str, Any] = json.loads(line)
        return answer
