"""A token bucket in front of every request to the API server."""

from __future__ import annotations

import asyncio
import time


class TokenBucket:
    """`rate` requests per second on average, `burst` at once; a rate of 0 means no limit."""

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._tokens = float(burst)
        self._updated = time.monotonic()

    async def acquire(self) -> None:
        """Take one token; callers are served in the order in which they came."""
        if self._rate <= 0:
            return
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._updated) * self._rate)
        self._updated = now
        self._tokens -= 1.0
        if self._tokens < 0:
            await asyncio.sleep(-self._tokens / self._rate)
