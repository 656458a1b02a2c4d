"""The Secret that the management API and its database are started with.

It is made once, by whichever replica comes first, and neither read nor changed afterwards: nobody
who renders manifests ever has to know or repeat its values.
"""

from __future__ import annotations

import logging
import secrets

from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import KubeClient
from supamanager_kube.secrets import PLATFORM_KEYS
from supamanager_operator.secretdocument import encode
from supamanager_operator.settings import ObjectName

logger = logging.getLogger(__name__)

_BYTES = 48


async def ensure(place: ObjectName) -> None:
    """Make the Secret unless there is one.

    Raises:
        KubeError: it cannot be made.
    """
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": place.name,
            "namespace": place.namespace,
            "labels": {labels.MANAGED_BY: labels.MANAGED_BY_VALUE},
        },
        "type": "Opaque",
        "data": encode({key: secrets.token_urlsafe(_BYTES) for key in PLATFORM_KEYS}),
    }
    async with await KubeClient.connect(user_agent=labels.MANAGER_OPERATOR) as client:
        try:
            await client.create(kinds.SECRET, body, manager=labels.MANAGER_OPERATOR)
        except errors.AlreadyExists:
            return
    logger.info("platform secret made", extra={"secret": str(place)})
