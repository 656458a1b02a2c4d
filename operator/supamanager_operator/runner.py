"""The workers that take keys from the queue, the heartbeat, and the sweeper."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from supamanager_kube import kinds, labels
from supamanager_kube.client import KubeClient
from supamanager_kube.errors import KubeError
from supamanager_operator import metrics, scrub
from supamanager_operator.errors import Ending, Retry
from supamanager_operator.health import Vitals
from supamanager_operator.inventory import Inventory, ProjectKey
from supamanager_operator.workqueue import WorkQueue

logger = logging.getLogger(__name__)

_DEADLINE: Final = 120.0
_GRACE: Final = 1.0
_SETTLE: Final = 2.0

MANAGED_SELECTOR: Final = f"{labels.MANAGED_BY}={labels.MANAGED_BY_VALUE}"


async def heartbeat(
    *, queue: WorkQueue[ProjectKey], vitals: Vitals, check: Callable[[], None]
) -> None:
    """Tell health and metrics every second how the queue is; `check` ends a lost leader."""
    while True:
        check()
        vitals.beat("the event loop")
        vitals.oldest_key = age = queue.oldest_age()
        metrics.QUEUE_DEPTH.set(len(queue))
        metrics.QUEUE_AGE.set(age)
        metrics.RUNNING.set(queue.running)
        await asyncio.sleep(1.0)


class Runner:
    """Starts with the first sign that the watches have listed everything."""

    def __init__(
        self,
        *,
        queue: WorkQueue[ProjectKey],
        reconcile: Callable[[ProjectKey], Awaitable[float | None]],
        workers: int,
        fail: Callable[[], None],
    ) -> None:
        self._queue = queue
        self._reconcile = reconcile
        self._workers = workers
        self._fail = fail
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self._drained = asyncio.Event()

    def start(self, sweeper: Coroutine[Any, Any, None]) -> None:
        """`fail` is called when a task ends though nobody asked it to."""
        for number in range(self._workers):
            self._spawn(self._work(), f"worker-{number}")
        self._spawn(sweeper, "sweeper")

    async def stop(self) -> None:
        """Take no more keys, and wait for the answers of requests that were sent.

        What has none after a second is cut off. Called once no request can be begun any more.
        """
        self._stopping = True
        if self._queue.running:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GRACE):
                    await self._drained.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._stopping or task.cancelled():
            return
        logger.error("a task has ended", extra={"task": task.get_name()}, exc_info=task.exception())
        self._fail()

    async def _work(self) -> None:
        while not self._stopping:
            key = await self._queue.get()
            try:
                await self._run(key)
            finally:
                self._queue.done(key)
                if self._stopping and not self._queue.running:
                    self._drained.set()

    async def _run(self, key: ProjectKey) -> None:
        about = {"namespace": key[0], "project": key[1], "reconcile_id": secrets.token_hex(4)}
        # A worker goes from project to project.
        scrub.current.set(None)
        result = "error"
        started = time.monotonic()
        try:
            async with asyncio.timeout(_DEADLINE):
                again_after = await self._reconcile(key)
        except Ending:
            return
        except Retry as retry:
            result = "retry"
            self._queue.add(key, after=retry.after)
        except KubeError as error:
            pause = self._queue.failed(key)
            extra = {**about, "error": str(error), "status": error.status, "again_after": pause}
            logger.warning("the API server refused", extra=extra)
        except TimeoutError:
            logger.warning("too slow", extra={**about, "again_after": self._queue.failed(key)})
        except Exception:
            # One project's surprise must not stop the others.
            logger.exception("failed", extra={**about, "again_after": self._queue.failed(key)})
        else:
            result = "success"
            self._queue.succeeded(key)
            if again_after is None:
                self._queue.forget(key)
            else:
                self._queue.add(key, after=again_after)
        metrics.RECONCILES.labels(result).inc()
        metrics.SECONDS.observe(time.monotonic() - started)


class Sweeper:
    """Lists every managed kind by label, now and then and after a watch has lost its place."""

    def __init__(
        self,
        *,
        client: KubeClient,
        inventory: Inventory,
        queue: WorkQueue[ProjectKey],
        namespaces: tuple[str | None, ...],
        every: float,
    ) -> None:
        self._client = client
        self._inventory = inventory
        self._queue = queue
        self._namespaces = namespaces
        self._every = every
        self._asked = asyncio.Event()

    def ask(self) -> None:
        self._asked.set()

    async def run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._asked.wait()
                # The other watches list again at about the same time.
                await asyncio.sleep(_SETTLE)
            self._asked.clear()
            try:
                await self._sweep()
            except KubeError as error:
                logger.info("a sweep has failed", extra={"error": str(error)})
                await asyncio.sleep(_SETTLE)
                self._asked.set()

    async def _sweep(self) -> None:
        """Queue every project of which a watch has missed something."""
        for kind in kinds.MANAGED:
            listed: list[dict[str, Any]] = []
            for namespace in self._namespaces:
                items, _ = await self._client.list_all(
                    kind, namespace, selector=MANAGED_SELECTOR, metadata_only=True
                )
                listed += items
            for key in self._inventory.reconcile_listing(kind, iter(listed)):
                self._queue.add(key)
