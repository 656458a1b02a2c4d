"""What must be true of the cluster before the operator can do anything."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import KubeClient

logger = logging.getLogger(__name__)

_RESOURCE: Final = f"{labels.PLURAL}.{labels.GROUP}"
_PAUSE: Final = 2.0
_DOUBTS: Final = 5


class Impossible(Exception):
    """The operator cannot start; the message says what is missing."""


async def usable(namespaces: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the namespaces (`*` alone: all) whose projects may be listed.

    One that is gone, or not opened to us yet, does not keep the others from being served. An API
    server that is away is waited for: whoever starts us again meanwhile would wait longer and
    longer.

    Raises:
        Impossible: the resource is not served, or none of them may be listed.
    """
    async with await KubeClient.connect(user_agent=labels.MANAGER_OPERATOR) as client:
        found = [name for name in namespaces if await _listable(client, name)]
    if not found:
        names = ", ".join(namespaces)
        raise Impossible(f"this account may not list {_RESOURCE} in any of: {names}")
    return tuple(found)


async def patiently(work: Callable[[], Awaitable[None]]) -> None:
    """Do it as soon as the API server is there to answer; KubeError if it refuses."""
    while True:
        try:
            return await work()
        except errors.KubeError as error:
            if not error.retriable:
                raise
            logger.warning("waiting for the API server", extra={"error": str(error)})
        await asyncio.sleep(_PAUSE)


async def _listable(client: KubeClient, namespace: str) -> bool:
    where = None if namespace == "*" else namespace
    doubts = 0
    while True:
        try:
            await client.list_all(kinds.PROJECT, where, metadata_only=True)
        except (errors.NotFound, errors.Forbidden) as error:
            if doubts == 0:
                return _refused(error, namespace)
            doubts -= 1
        except errors.KubeError as error:
            if not error.retriable:
                raise Impossible(str(error)) from None
            logger.warning("waiting for the API server", extra={"error": str(error)})
            # One that has just started knows its resources and rules only after a while.
            doubts = _DOUBTS
        else:
            return True
        await asyncio.sleep(_PAUSE)


def _refused(error: errors.KubeError, namespace: str) -> bool:
    if isinstance(error, errors.NotFound):
        raise Impossible(
            f"the API server does not serve {_RESOURCE} in version {labels.VERSION}: "
            "apply the CustomResourceDefinition first"
        )
    logger.error("not watched: its projects may not be listed", extra={"at": namespace})
    return False
