"""What it means for a project that the API server does not take one of its objects."""

from __future__ import annotations

from typing import Final

from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import Body
from supamanager_kube.conditions import Reason
from supamanager_kube.kinds import Kind
from supamanager_operator.errors import QuotaExceeded, Retry, Stalled

_TERMINATING_PAUSE: Final = 5.0


def meaning(kind: Kind, document: Body, error: errors.KubeError) -> Exception:
    """What to raise in place of the error: itself, where it says nothing about the project."""
    component = document["metadata"]["labels"].get(labels.PROJECT_COMPONENT, "")
    about_secrets = kind is kinds.SECRET and not component
    refused = isinstance(error, errors.Invalid)
    if isinstance(error, errors.Forbidden):
        if error.namespace_terminating:
            return Retry(_TERMINATING_PAUSE)
        if "exceeded quota" in error.message:
            return QuotaExceeded(component, error.message, about_secrets=about_secrets)
        refused = kind is kinds.VOLUME_CLAIM
    if not refused:
        return error
    immutable = kind is kinds.VOLUME_CLAIM or any(
        "immutable" in cause.message for cause in error.causes
    )
    return Stalled(
        Reason.IMMUTABLE_FIELD if immutable else Reason.INVALID_CONFIGURATION,
        f"{kind.name} {document['metadata']['name']} is refused: {error.message}",
        about_secrets=about_secrets,
    )
