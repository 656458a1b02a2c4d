"""What must be true of the cluster before the operator can do anything."""

from __future__ import annotations

from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import KubeClient
from supamanager_operator.settings import Settings


async def complaint(settings: Settings) -> str:
    """Why the operator cannot start; empty when it can."""
    namespaces = (None,) if settings.cluster_wide else settings.namespaces
    async with await KubeClient.connect(user_agent=labels.MANAGER_OPERATOR) as client:
        for namespace in namespaces:
            where = f"in namespace {namespace}" if namespace else "in the cluster"
            try:
                await client.list_all(kinds.PROJECT, namespace, metadata_only=True)
            except errors.NotFound:
                return (
                    f"the API server does not serve {labels.PLURAL}.{labels.GROUP} in version "
                    f"{labels.VERSION}: apply the CustomResourceDefinition first"
                )
            except errors.Forbidden:
                return f"this account may not list {labels.PLURAL}.{labels.GROUP} {where}"
            except errors.KubeError as error:
                return str(error)
    return ""
