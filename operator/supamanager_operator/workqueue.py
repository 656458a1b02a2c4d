"""A keyed work queue: each key is queued once, and never runs twice at the same time.

A key that is added while it runs is run once more afterwards. Failures back off per key.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import time
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

BACKOFF_FIRST: Final = 0.5
BACKOFF_CAP: Final = 300.0


class WorkQueue(Generic[Key]):
    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._running: set[Key] = set()
        self._failures: dict[Key, int] = {}
        self._order = itertools.count()
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._due)

    @property
    def running(self) -> int:
        return len(self._running)

    def add(self, key: Key, *, after: float = 0.0) -> None:
        """Run the key in `after` seconds at the latest; the earliest of several calls wins."""
        due = self._clock() + after
        known = self._due.get(key)
        if known is not None and known <= due:
            return
        self._due[key] = due
        heapq.heappush(self._heap, (due, next(self._order), key))
        self._changed.set()

    async def get(self) -> Key:
        """The key that has been due longest and is not running; call `done` with it afterwards."""
        while True:
            self._changed.clear()
            wait = self._pop_or_wait()
            if not isinstance(wait, float):
                return wait[0]
            try:
                async with asyncio.timeout(None if wait < 0 else wait):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _pop_or_wait(self) -> tuple[Key] | float:
        """The next key, or how long to wait for one: negative means until something changes."""
        skipped = []
        result: tuple[Key] | float = -1.0
        while self._heap:
            due, order, key = self._heap[0]
            if self._due.get(key) != due:
                heapq.heappop(self._heap)
                continue
            if due > (now := self._clock()):
                result = due - now
                break
            heapq.heappop(self._heap)
            if key in self._running:
                skipped.append((due, order, key))
                continue
            del self._due[key]
            self._running.add(key)
            result = (key,)
            break
        for entry in skipped:
            heapq.heappush(self._heap, entry)
        return result

    def done(self, key: Key) -> None:
        self._running.discard(key)
        self._changed.set()

    def failed(self, key: Key) -> float:
        """Queue the key again after its back-off, which is returned in seconds."""
        count = self._failures.get(key, 0)
        self._failures[key] = count + 1
        pause = min(BACKOFF_FIRST * 2.0 ** min(count, 16), BACKOFF_CAP)
        pause *= random.uniform(0.8, 1.2)  # noqa: S311
        self.add(key, after=pause)
        return pause

    def succeeded(self, key: Key) -> None:
        self._failures.pop(key, None)

    def forget(self, key: Key) -> None:
        """Drop everything that is known of a key that no longer exists."""
        self._failures.pop(key, None)
        self._due.pop(key, None)

    def oldest_age(self) -> float:
        """How long the longest-waiting due key has waited, in seconds."""
        now = self._clock()
        return max(
            (now - due for key, due in self._due.items() if key not in self._running), default=0.0
        )
