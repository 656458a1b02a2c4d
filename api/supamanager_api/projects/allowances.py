"""The organizations that each watched namespace allows, read anew every few minutes."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final

from supamanager_api.projects.ownership import Allowance
from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import KubeClient

logger = logging.getLogger(__name__)

SECONDS: Final = 300.0
_PAUSE: Final = 2.0


class Allowances:
    """Of a namespace that is gone, nobody owns anything."""

    def __init__(self, kube: KubeClient, *, seconds: float = SECONDS) -> None:
        self._kube = kube
        self._seconds = seconds
        self._known: dict[str, Allowance] = {}
        self._read_at: dict[str, float] = {}

    async def get(self, namespace: str) -> Allowance:
        """The allowance as it was read last.

        Raises:
            KubeError: it was never read, and cannot be.
        """
        if namespace not in self._known:
            await self.read(namespace)
        return self._known[namespace]

    async def wait(self, namespace: str) -> Allowance:
        """As `get`, once it can be read."""
        while True:
            try:
                return await self.get(namespace)
            except errors.KubeError as failure:
                logger.warning(
                    "an allowance was not read",
                    extra={"namespace": namespace, "reason": failure.message},
                )
                await asyncio.sleep(_PAUSE)

    async def read(self, namespace: str) -> Allowance:
        try:
            body = await self._kube.get(kinds.NAMESPACE, None, namespace)
            annotation = (body["metadata"].get("annotations") or {}).get(labels.ORGANIZATIONS)
        except errors.NotFound:
            annotation = None
        self._read_at[namespace] = time.monotonic()
        self._known[namespace] = Allowance.parse(annotation)
        return self._known[namespace]

    def stale(self) -> list[str]:
        """The namespaces whose annotation is to be read again."""
        limit = time.monotonic() - self._seconds
        return [namespace for namespace, read_at in self._read_at.items() if read_at <= limit]
