"""Free loopback ports.

They are drawn below the range that the kernel takes outgoing connections from, so that a server
that is stopped for a while finds its port free again.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Callable

from supamanager_dev.errors import ProgramFailed
from supamanager_dev.progress import Progress

_LOWEST, _HIGHEST = 20_000, 32_000
_ATTEMPTS = 3
_DRAW = random.SystemRandom()


def free(count: int) -> list[int]:
    """Different ports that nobody listened on a moment ago; another process may still take one."""
    found: list[int] = []
    held: list[socket.socket] = []
    try:
        while len(found) < count:
            candidate = socket.socket()
            held.append(candidate)
            port = _DRAW.randrange(_LOWEST, _HIGHEST)
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
    finally:
        for each in held:
            each.close()
    return found


def taken(log: str) -> bool:
    """Whether a program's log says that its port was not free."""
    return "address already in use" in log.lower()


def retry(start: Callable[[], None], *, undo: Callable[[], None], progress: Progress) -> None:
    """Start something on free ports; again, on others, if one was taken meanwhile.

    `undo` is called after every failure, an interruption included.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            start()
        except ProgramFailed as failure:
            undo()
            if attempt == _ATTEMPTS or not taken(failure.log_tail):
                raise
            progress("a port was taken meanwhile: trying others")
        except BaseException:
            undo()
            raise
        else:
            return
