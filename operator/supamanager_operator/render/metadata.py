"""What every object of a project carries: namespace, labels and owner.

Nothing is copied from the resource's own labels and annotations: a GitOps tool that tracks by
label would take the children for its own.
"""

from __future__ import annotations

from typing import Any, Final

from supamanager_kube import kinds, labels
from supamanager_operator.render.inputs import Inputs

_PROJECT: Final = "project"
"""The component of what belongs to the project as a whole."""


def selector(inputs: Inputs, component: str) -> dict[str, str]:
    """Immutable, and only of keys that users may not set."""
    return {labels.PROJECT: inputs.name, labels.PROJECT_COMPONENT: component}


def pod_labels(inputs: Inputs, component: str) -> dict[str, str]:
    return _common(inputs, component) | selector(inputs, component)


def complete(body: dict[str, Any], inputs: Inputs, *, component: str | None) -> None:
    """Add namespace, labels and owner to a rendered object."""
    metadata = body.setdefault("metadata", {})
    metadata["namespace"] = inputs.namespace
    common = _common(inputs, component or _PROJECT) | {
        labels.PROJECT: inputs.name,
        labels.PROJECT_UID: inputs.project.metadata.uid,
    }
    if component:
        common[labels.PROJECT_COMPONENT] = component
    metadata["labels"] = metadata.get("labels", {}) | common
    # Volumes outlive the resource under Retain, so the garbage collector must not know them.
    if kinds.of(body) is not kinds.VOLUME_CLAIM:
        metadata["ownerReferences"] = [_owner(inputs)]


def _common(inputs: Inputs, component: str) -> dict[str, str]:
    return {
        labels.NAME: component,
        labels.INSTANCE: inputs.name,
        labels.COMPONENT: component,
        labels.PART_OF: labels.PART_OF_VALUE,
        labels.MANAGED_BY: labels.MANAGED_BY_VALUE,
    }


def _owner(inputs: Inputs) -> dict[str, Any]:
    return {
        "apiVersion": labels.API_VERSION,
        "kind": labels.KIND,
        "name": inputs.name,
        "uid": inputs.project.metadata.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }
