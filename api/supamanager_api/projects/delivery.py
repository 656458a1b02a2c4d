"""Bringing what people typed into the Secret `<p>-inputs`, key by key."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from supamanager_kube import errors, kinds, labels, names, secrets
from supamanager_kube.client import KubeClient


async def write(
    kube: KubeClient, namespace: str, project: str, *, values: Mapping[str, str | None]
) -> None:
    """Set keys of the project's Secret, which is made if it is not there; None takes a key away.

    A merge patch: an apply of some keys would remove the others.

    Raises:
        KubeError
    """
    name = names.child(project, secrets.INPUTS)
    data = {
        key: None if value is None else base64.b64encode(value.encode()).decode()
        for key, value in values.items()
    }
    try:
        await _patch(kube, namespace, name, data=data)
    except errors.NotFound:
        kept = {key: value for key, value in data.items() if value is not None}
        if not kept:
            return
        try:
            await _create(kube, namespace, name, project=project, data=kept)
        except errors.AlreadyExists:
            await _patch(kube, namespace, name, data=data)


async def _patch(
    kube: KubeClient, namespace: str, name: str, *, data: Mapping[str, str | None]
) -> None:
    await kube.merge_patch(
        kinds.SECRET, namespace, name, {"data": dict(data)}, manager=labels.MANAGER_API
    )


async def _create(
    kube: KubeClient, namespace: str, name: str, *, project: str, data: Mapping[str, str]
) -> None:
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {
                labels.PROJECT: project,
                labels.MANAGED_BY: labels.MANAGED_BY_VALUE,
                labels.PART_OF: labels.PART_OF_VALUE,
            },
        },
        "type": "Opaque",
        "data": dict(data),
    }
    await kube.create(kinds.SECRET, body, manager=labels.MANAGER_API)
