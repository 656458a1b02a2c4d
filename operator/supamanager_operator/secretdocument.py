"""A project's generated Secret as it is written, and what it says of itself."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from supamanager_kube import labels, names
from supamanager_kube.client import Body
from supamanager_kube.project import SupabaseProject
from supamanager_operator import retention

MARKS = frozenset(
    {
        *(labels.NAME, labels.INSTANCE, labels.PART_OF, labels.MANAGED_BY),
        *(labels.PROJECT, labels.PROJECT_UID, labels.RELEASE),
        *(labels.RETAINED_FROM, labels.RETAINED_AT),
        *(labels.INITIALIZED, labels.BROUGHT),
    }
)
"""Labels and annotations that the operator puts on a generated Secret."""


def decode(body: Body | None) -> dict[str, str]:
    """The data of a Secret as text; bytes that are no UTF-8 become replacement characters."""
    data: Mapping[str, str] = (body or {}).get("data") or {}
    return {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}


def encode(data: Mapping[str, str]) -> dict[str, str]:
    return {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}


def brought(body: Body) -> bool:
    """Whether it was there before the operator first wrote to it."""
    annotations: dict[str, str] = body["metadata"].get("annotations") or {}
    return annotations.get(labels.BROUGHT) == "true"


def object_labels(project: SupabaseProject) -> dict[str, str]:
    """The labels of a project's Secret."""
    return {
        labels.NAME: "project",
        labels.INSTANCE: project.metadata.name,
        labels.PART_OF: labels.PART_OF_VALUE,
        labels.MANAGED_BY: labels.MANAGED_BY_VALUE,
        labels.PROJECT: project.metadata.name,
        labels.PROJECT_UID: project.metadata.uid,
    }


def document(
    project: SupabaseProject, suffix: str, data: Mapping[str, str], *, live: Body | None
) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "name": names.child(project.metadata.name, suffix),
        "namespace": project.metadata.namespace,
        "labels": object_labels(project),
        "annotations": {},
    }
    if live:
        metadata["resourceVersion"] = live["metadata"]["resourceVersion"]
        metadata["annotations"] = _marks(live)
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "Opaque",
        "data": encode(data),
    }


def _marks(live: Body) -> dict[str, str]:
    """What an apply must say again, or it would be gone."""
    metadata = live["metadata"]
    found: dict[str, str] = metadata.get("annotations") or {}
    marks = {key: found[key] for key in (labels.INITIALIZED, labels.BROUGHT) if key in found}
    if labels.PROJECT_UID not in (metadata.get("labels") or {}):
        marks[labels.BROUGHT] = "true"
    return marks


def differs(document: Body, live: Body) -> bool:
    metadata = live["metadata"]
    wanted = document["metadata"]
    return (
        document["data"].items() - (live.get("data") or {}).items()
        or wanted["labels"].items() - (metadata.get("labels") or {}).items()
        or retention.retained(live)
    )
