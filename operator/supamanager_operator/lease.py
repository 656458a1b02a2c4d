"""Leadership among the operator's replicas: a Lease that one of them holds.

It is taken and renewed in a thread with a loop of its own, so a busy operator does not lose it.
Whoever could not renew in time ends at once: of what it had in mind, nothing is written later.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import KubeClient
from supamanager_kube.errors import KubeError
from supamanager_operator import metrics
from supamanager_operator.election import Record, Terms
from supamanager_operator.settings import ObjectName

logger = logging.getLogger(__name__)

_LAST_WORDS: Final = 1.0
_FOREVER: Final = float("inf")


class Lease:
    """One process's part: `acquire`, then `check` before each request, then `release`.

    `identity` is unique among the replicas; a pod's name is, and a container that is restarted in
    its pod takes the Lease again at once. `connect` is called in the Lease's own loop. `beat` is
    called at every look or renewal, in its thread.
    """

    def __init__(
        self,
        *,
        place: ObjectName,
        identity: str,
        terms: Terms,
        connect: Callable[[], Awaitable[KubeClient]],
        beat: Callable[[], None],
    ) -> None:
        self._place = place
        self._identity = identity
        self._terms = terms
        self._connect = connect
        self._beat = beat
        self._record = Record()
        self._valid_until = _FOREVER
        self._leading: concurrent.futures.Future[bool] = concurrent.futures.Future()
        self._ending = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._main, name="lease", daemon=True)

    async def acquire(self) -> bool:
        """Until this process leads; tells whether it had to wait. Cancelled before `release`.

        Raises:
            KubeError: the account may not hold the Lease, or its namespace is missing.
        """
        # A future that runs cannot be cancelled from the other side.
        self._leading.set_running_or_notify_cancel()
        self._loop = asyncio.new_event_loop()
        self._thread.start()
        return await asyncio.wrap_future(self._leading)

    def check(self) -> None:
        """End the process if it does not lead any more; for any thread."""
        if time.monotonic() >= self._valid_until:
            _leave(f"it was not renewed for {self._terms.deadline:.0f} s")

    async def release(self) -> None:
        """Give it up, so that another need not wait; may be called at any time, and again."""
        if self._loop is None:
            return
        with contextlib.suppress(RuntimeError):  # the thread has ended by itself
            self._loop.call_soon_threadsafe(self._ending.set)
        await asyncio.to_thread(self._thread.join)

    def _main(self) -> None:
        assert self._loop is not None
        try:
            self._loop.run_until_complete(self._hold())
        except Exception as error:
            # Whatever it is: without this thread the process must not go on.
            if self._leading.done():
                _leave(f"its thread has failed: {error}")
            self._leading.set_exception(error)
        finally:
            self._loop.close()

    async def _hold(self) -> None:
        async with await self._connect() as client:
            held = await self._take(client)
            if held:
                await self._renew(client)
            self._valid_until = _FOREVER
            metrics.LEADER.set(0)
            if held:
                await self._give_up(client)

    async def _take(self, client: KubeClient) -> bool:
        """False when the end was asked for while another held it."""
        waited = False
        while not self._ending.is_set():
            try:
                if await self._attempt(client):
                    break
            except (errors.AlreadyExists, errors.Conflict):
                pass  # another was faster
            except (KubeError, TimeoutError) as error:
                # Later on it may come from an API server that has just started.
                if not waited and isinstance(error, KubeError) and not error.retriable:
                    raise
                logger.warning("cannot ask for the Lease", extra={"error": _told(error)})
            if not waited:
                waited = True
                logger.info("waiting for the Lease", extra={"holder": self._record.holder})
            await self._pause(self._terms.look)
        else:
            return False
        metrics.LEADER.set(1)
        metrics.TRANSITIONS.set(self._record.transitions)
        about = {"identity": self._identity, "transitions": self._record.transitions}
        logger.info("leading", extra=about)
        self._leading.set_result(waited)
        return True

    async def _renew(self, client: KubeClient) -> None:
        """Until the end is asked for."""
        while not self._ending.is_set():
            await self._pause(self._terms.pause)
            try:
                if not await self._attempt(client):
                    _leave(f"{self._record.holder} holds it")
            except (KubeError, TimeoutError) as error:
                logger.warning("the Lease was not renewed", extra={"error": _told(error)})
            self.check()

    async def _attempt(self, client: KubeClient) -> bool:
        """Take or renew; False while it is another's."""
        self._beat()
        # Counted from before the request: others count from when they see what it wrote.
        begun = time.monotonic()
        async with asyncio.timeout(self._terms.patience):
            try:
                body = await client.get(kinds.LEASE, self._place.namespace, self._place.name)
            except errors.NotFound:
                self._record = Record()
                body = await client.create(
                    kinds.LEASE, self._new(), manager=labels.MANAGER_OPERATOR
                )
            else:
                self._record.see(body.get("spec") or {}, now=time.monotonic())
                if not self._record.free_for(self._identity, now=time.monotonic()):
                    return False
                spec = self._record.taken(self._identity, self._terms, at=datetime.now(UTC))
                body = await client.replace(
                    kinds.LEASE, {**body, "spec": spec}, manager=labels.MANAGER_OPERATOR
                )
        self._record.see(body["spec"], now=time.monotonic())
        self._valid_until = begun + self._terms.deadline
        return True

    async def _give_up(self, client: KubeClient) -> None:
        try:
            async with asyncio.timeout(self._terms.patience):
                body = await client.get(kinds.LEASE, self._place.namespace, self._place.name)
                self._record.see(body.get("spec") or {}, now=time.monotonic())
                if self._record.holder != self._identity:
                    return
                spec = self._record.released(at=datetime.now(UTC))
                await client.replace(
                    kinds.LEASE, {**body, "spec": spec}, manager=labels.MANAGER_OPERATOR
                )
        except (KubeError, TimeoutError) as error:
            logger.warning("the Lease was not released", extra={"error": _told(error)})
        else:
            logger.info("released the Lease", extra={"identity": self._identity})

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ending.wait()

    def _new(self) -> dict[str, Any]:
        return {
            "apiVersion": kinds.LEASE.api_version,
            "kind": kinds.LEASE.name,
            "metadata": {
                "name": self._place.name,
                "namespace": self._place.namespace,
                "labels": {labels.MANAGED_BY: labels.MANAGED_BY_VALUE},
            },
            "spec": self._record.taken(self._identity, self._terms, at=datetime.now(UTC)),
        }


def _leave(reason: str) -> NoReturn:
    """End the process at once: an orderly end would write, and finish what was begun."""
    # A log that nobody reads must not hold us up.
    timer = threading.Timer(_LAST_WORDS, os._exit, (1,))
    timer.daemon = True
    timer.start()
    try:
        logger.error("not leading any more", extra={"reason": reason})
    finally:
        os._exit(1)


def _told(error: Exception) -> str:
    return str(error) or "no answer in time"
