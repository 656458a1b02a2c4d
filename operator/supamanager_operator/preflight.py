"""What must be true of the cluster before the operator can do anything."""

from __future__ import annotations

import logging

from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import KubeClient

logger = logging.getLogger(__name__)

_RESOURCE = f"{labels.PLURAL}.{labels.GROUP}"


class Impossible(Exception):
    """The operator cannot start; the message says what is missing."""


async def usable(namespaces: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the namespaces (`*` alone: all) whose projects may be listed.

    One that is gone, or not opened to us yet, does not keep the others from being served.

    Raises:
        Impossible: the resource is not served, nothing answers, or none of them may be listed.
    """
    found = []
    async with await KubeClient.connect(user_agent=labels.MANAGER_OPERATOR) as client:
        for namespace in namespaces:
            try:
                where = None if namespace == "*" else namespace
                await client.list_all(kinds.PROJECT, where, metadata_only=True)
            except errors.NotFound:
                raise Impossible(
                    f"the API server does not serve {_RESOURCE} in version {labels.VERSION}: "
                    "apply the CustomResourceDefinition first"
                ) from None
            except errors.Forbidden:
                logger.error("not watched: its projects may not be listed", extra={"at": namespace})
            except errors.KubeError as error:
                raise Impossible(str(error)) from None
            else:
                found.append(namespace)
    if not found:
        names = ", ".join(namespaces)
        raise Impossible(f"this account may not list {_RESOURCE} in any of: {names}")
    return tuple(found)
