"""How a long step says what it is doing: a callable that takes one line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from supamanager_dev.errors import NotReady

Progress = Callable[[str], None]


def silent(_line: str) -> None:
    """For callers that do not want to hear."""


def to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def wait_until(
    ready: Callable[[], bool],
    what: str,
    *,
    timeout: float,
    progress: Progress = silent,
    alive: Callable[[], None] | None = None,
    every: float = 0.03,
) -> None:
    """Ask `ready` until it says yes; `alive` raises as soon as waiting has become pointless.

    Raises NotReady after `timeout` seconds.
    """
    progress(f"waiting for {what}")
    deadline = time.monotonic() + timeout
    while not ready():
        if alive is not None:
            alive()
        if time.monotonic() > deadline:
            raise NotReady(what, timeout)
        time.sleep(every)
