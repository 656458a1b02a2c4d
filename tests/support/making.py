"""Commands of the Makefile, as somebody types them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from doccommands import ROOT

_OF_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")
"""By these a `make test` that runs the tests speaks to its own recipes."""

Done = subprocess.CompletedProcess[str]


def run(*words: str, timeout: float, checkout: Path = ROOT, **variables: str) -> Done:
    with _started(*words, checkout=checkout, timeout=timeout, variables=variables) as process:
        return _ended(process)


def interrupted(*words: str, at: str, timeout: float) -> Done:
    """With Ctrl-C, once it has printed this line."""
    with _started(*words, checkout=ROOT, timeout=timeout, variables={}) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line.rstrip() == at:
                os.killpg(process.pid, signal.SIGINT)
                break
        return _ended(process, said="".join(said))


def _ended(process: subprocess.Popen[str], *, said: str = "") -> Done:
    out, err = process.communicate()
    return Done(process.args, process.returncode, said + out, err)


@contextlib.contextmanager
def _started(
    *words: str, checkout: Path, timeout: float, variables: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """Recipes as they are, with the environment of the tests instead of a `.venv` that is set up
    anew; killed after `timeout`. A group of its own, all of which a signal reaches, as in a
    terminal."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_MAKE}
    with subprocess.Popen(
        ["make", "-o", ".venv/.ready", f"BIN={Path(sys.executable).parent}", *words],
        cwd=checkout,
        env=kept | {"LC_ALL": "C.UTF-8"} | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever runs the tests in the background has made their children deaf to it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        killer = threading.Timer(timeout, lambda: os.killpg(process.pid, signal.SIGKILL))
        killer.start()
        try:
            yield process
        finally:
            killer.cancel()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
