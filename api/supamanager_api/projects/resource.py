"""The document that this program applies, and what it reads in the server's answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from supamanager_api.projects.intents import Document
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import labels

LIVE: Final = (
    *("displayName", "paused", "size", "version", "http", "auth", "database", "network"),
    *("rest", "restart", "storage", "deletionPolicy", "deletionProtection"),
)
"""The fields of a live spec that answers over HTTP are made of, beside `services`."""

LABEL: Final = f"metadata.labels.{labels.ORGANIZATION}"
"""The field that a transfer changes, as the API server names it."""


def document(
    *,
    namespace: str,
    name: str,
    ref: str,
    organization: str | None,
    uid: str | None,
    intent: Document,
    revision: int,
) -> Document:
    """Everything that this program's field manager has an opinion on.

    With a uid the server refuses to make the object again once it is gone.
    """
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": namespace,
        "labels": {labels.REF: ref},
        "annotations": {labels.INTENT_REVISION: str(revision)},
    }
    if organization:
        metadata["labels"][labels.ORGANIZATION] = organization
    if uid:
        metadata["uid"] = uid
    return {
        "apiVersion": labels.API_VERSION,
        "kind": labels.KIND,
        "metadata": metadata,
        **intent,
    }


def of(row: ProjectRow, intent: Document) -> Document:
    """The document of a stored project with this intent."""
    return document(
        namespace=row.namespace,
        name=row.resource_name,
        ref=row.project_ref,
        organization=row.organization_label,
        uid=row.resource_uid,
        intent=intent,
        revision=row.intent_revision,
    )


def live(body: Mapping[str, Any]) -> dict[str, Any]:
    """Of services only whether they run: their variables may hold what no database should."""
    spec = body.get("spec") or {}
    services = {
        name: {"enabled": service["enabled"]}
        for name, service in (spec.get("services") or {}).items()
        if "enabled" in service
    }
    kept = {field: spec[field] for field in LIVE if field in spec}
    return {**kept, "services": services} if services else kept


def intent(document: Document) -> Document:
    """The part of a document that is intent."""
    return {"spec": document["spec"]} if "spec" in document else {}
