"""A token bucket in front of every request to the API server."""

from __future__ import annotations

import asyncio
import contextlib
import time

from supamanager_operator.errors import Ending


class TokenBucket:
    """`rate` requests per second on average, `burst` at once; a rate of 0 means no limit."""

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._tokens = float(burst)
        self._updated = time.monotonic()
        self._closed = asyncio.Event()

    async def acquire(self) -> None:
        """Take one token; callers are served in the order in which they came.

        Raises:
            Ending: there are no more.
        """
        wait = self._take()
        if wait > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._closed.wait()
        if self._closed.is_set():
            raise Ending

    def close(self) -> None:
        """No more requests: for those that wait as well."""
        self._closed.set()

    def _take(self) -> float:
        """Seconds until the token is there."""
        if self._rate <= 0:
            return 0.0
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._updated) * self._rate)
        self._updated = now
        self._tokens -= 1.0
        return max(0.0, -self._tokens / self._rate)
