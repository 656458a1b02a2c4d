"""Which resources a GitOps tool applies: what is deleted here, it would make again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_ANNOTATIONS: Final = {"argocd.argoproj.io/tracking-id": "Argo CD"}
_LABELS: Final = {
    "argocd.argoproj.io/instance": "Argo CD",
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "helm.toolkit.fluxcd.io/name": "Flux",
}
# Argo CD's older default label is everybody's; Helm sets it too, but leaves an annotation.
_SHARED_LABEL: Final = "app.kubernetes.io/instance"
_HELM_ANNOTATION: Final = "meta.helm.sh/release-name"


def manager(metadata: Mapping[str, Any]) -> str | None:
    """The name of the tool that tracks an object with this metadata."""
    labels = metadata.get("labels") or {}
    annotations = metadata.get("annotations") or {}
    for key, tool in _ANNOTATIONS.items():
        if key in annotations:
            return tool
    for key, tool in _LABELS.items():
        if key in labels:
            return tool
    if _SHARED_LABEL in labels and _HELM_ANNOTATION not in annotations:
        return "Argo CD"
    return None
