"""Tasks that run beside the requests for as long as the process lives."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

logger = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 15.0
_STOP_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Task:
    """`run` works until it is cancelled; when it fails or returns, it is started again."""

    name: str
    run: Callable[[], Awaitable[None]]


class Background:
    """Keeps tasks running; one that fails again and again is started ever more slowly."""

    def __init__(self) -> None:
        self._running: list[asyncio.Task[None]] = []

    def start(self, task: Task) -> None:
        self._running.append(asyncio.create_task(_forever(task), name=task.name))

    async def stop(self) -> None:
        for running in self._running:
            running.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=_STOP_SECONDS)
        self._running.clear()


async def _forever(task: Task) -> None:
    pause = _FIRST_PAUSE
    while True:
        started = time.monotonic()
        try:
            await task.run()
        except Exception:
            logger.exception("a background task failed", extra={"task": task.name})
        if time.monotonic() - started > _LONGEST_PAUSE:
            pause = _FIRST_PAUSE
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads restarts
        pause = min(pause * 2, _LONGEST_PAUSE)
