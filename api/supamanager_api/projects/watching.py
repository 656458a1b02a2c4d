"""Following the resources of one namespace, or of all: list, then watch."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from itertools import islice
from typing import Final

from supamanager_api.projects import queries, reflection, regions
from supamanager_api.projects.allowances import Allowances
from supamanager_api.projects.fence import Fence
from supamanager_api.projects.observation import Observation
from supamanager_kube import errors, kinds
from supamanager_kube.client import KubeClient

logger = logging.getLogger(__name__)

_BATCH: Final = 50
_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 3.0

Event = tuple[str, Observation]


class Watching:
    """Runs until it is cancelled or cannot write; an API server that is away is waited for."""

    def __init__(
        self,
        kube: KubeClient,
        fence: Fence,
        *,
        namespace: str | None,
        allowances: Allowances,
        places: Mapping[str, regions.Region],
    ) -> None:
        self._kube = kube
        self._fence = fence
        self._namespace = namespace
        self._allowances = allowances
        self._places = places
        self._pending: dict[tuple[str, str], Event] = {}
        self._arrived = asyncio.Event()
        # An event that came before a list must not be written after it.
        self._writing = asyncio.Lock()
        self._version = ""
        self._heard_at: float | None = None

    @property
    def age(self) -> float | None:
        """Seconds since the API server was heard; None before the first list."""
        return None if self._heard_at is None else time.monotonic() - self._heard_at

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._write())

    async def _follow(self) -> None:
        pause = _PAUSE
        while True:
            started = time.monotonic()
            try:
                if not self._version:
                    async with self._writing:
                        self._version = await self._list()
                    logger.info("listed", extra={"namespace": self._namespace})
                await self._watch()
            except errors.Gone:
                self._version = ""
            except errors.KubeError as failure:
                logger.warning(
                    "not mirrored",
                    extra={"namespace": self._namespace, "reason": failure.message},
                )
            if time.monotonic() - started > _LONGEST_PAUSE:
                pause = _PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _list(self) -> str:
        """Write all that is there, and note what is not there any more."""
        async with self._fence.batch() as connection:
            # What is made after this is in the list or not, and is not missed by it.
            before = await queries.MIRRORED(connection, self._namespace)
        seen: list[Observation] = []
        version = ""
        # Small pages: whole resources are much larger than what is kept of them.
        pages = self._kube.list_pages(kinds.PROJECT, self._namespace, size=_BATCH)
        async for items, listed_at in pages:
            seen += map(Observation.of, items)
            version = listed_at
        self._pending.clear()
        for namespace in sorted({each.namespace for each in seen}):
            await self._allowances.read(namespace)
        for start in range(0, len(seen), _BATCH):
            async with self._fence.batch() as connection:
                for each in seen[start : start + _BATCH]:
                    await reflection.write(
                        connection,
                        each,
                        epoch=self._fence.epoch,
                        allowance=await self._allowances.get(each.namespace),
                        places=self._places,
                        listed=True,
                    )
        there = {each.uid for each in seen}
        async with self._fence.batch() as connection:
            for row in before:
                if row.resource_uid is not None and row.resource_uid not in there:
                    await reflection.remove(
                        connection, uid=row.resource_uid, key=(row.namespace, "")
                    )
            await queries.HURRY(connection)
        self._heard_at = time.monotonic()
        return version

    async def _watch(self) -> None:
        """Take in events until the stream ends."""
        stream = self._kube.watch(kinds.PROJECT, self._namespace, resource_version=self._version)
        async for event in stream:
            self._heard_at = time.monotonic()
            metadata = event["object"]["metadata"]
            self._version = metadata["resourceVersion"]
            if event["type"] != "BOOKMARK":
                seen = Observation.of(event["object"])
                self._pending[seen.key] = (event["type"], seen)
                self._arrived.set()

    async def _write(self) -> None:
        """Write the newest event of each resource that has any."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._pending:
                async with self._writing:
                    batch = dict(islice(self._pending.items(), _BATCH))
                    for key in batch:
                        del self._pending[key]
                    await self._reflect(batch)

    async def _reflect(self, batch: Mapping[tuple[str, str], Event]) -> None:
        allowed = {
            namespace: await self._allowances.wait(namespace)
            for namespace in {namespace for namespace, _ in batch}
        }
        async with self._fence.batch() as connection:
            for key, (kind, seen) in batch.items():
                if kind == "DELETED":
                    await reflection.remove(connection, uid=seen.uid, key=key)
                else:
                    await reflection.write(
                        connection,
                        seen,
                        epoch=self._fence.epoch,
                        allowance=allowed[key[0]],
                        places=self._places,
                    )
