"""Objects that outlived a project under Retain: two labels mark them until the name is back."""

from __future__ import annotations

from supamanager_kube import errors, labels
from supamanager_kube.client import Body, KubeClient
from supamanager_kube.kinds import Kind
from supamanager_operator.errors import Retry


def retained(live: Body) -> bool:
    return labels.RETAINED_FROM in (live["metadata"].get("labels") or {})


async def take_back(client: KubeClient, kind: Kind, live: Body) -> Body:
    """The object as it is without the labels, by which people delete what nobody needs any more.

    Raises:
        Retry: another object has taken its name.
    """
    if not retained(live):
        return live
    metadata = live["metadata"]
    gone = {labels.RETAINED_FROM: None, labels.RETAINED_AT: None}
    try:
        return await client.merge_patch(
            kind,
            metadata["namespace"],
            metadata["name"],
            {"metadata": {"uid": metadata["uid"], "labels": gone}},
            manager=labels.MANAGER_OPERATOR,
        )
    except errors.Conflict:
        raise Retry(0.5) from None
