"""Whether a live object still is what was rendered.

Server-side apply owns fields, not objects, and so does the comparison: what others have beside our
fields is no difference. A list that the schema calls atomic, and an object that it calls so, is one
field, and whatever somebody added to it is undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from supamanager_kube.client import Body

_CONTAINERS: Final = tuple(
    f"spec.template.spec.{containers}" for containers in ("containers", "initContainers")
)

# Both tables are from Kubernetes' own OpenAPI document, of whose kinds they hold what we render;
# a test compares them with the one that the API server publishes.

LIST_MAPS: Final[Mapping[str, tuple[str, ...]]] = {
    "metadata.ownerReferences": ("uid",),
    "spec.ports": ("port", "protocol"),
    "spec.template.spec.topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "spec.template.spec.volumes": ("name",),
    "spec.template.spec.containers.ports": ("containerPort", "protocol"),
    **dict.fromkeys(_CONTAINERS, ("name",)),
    **{f"{path}.env": ("name",) for path in _CONTAINERS},
    **{f"{path}.volumeMounts": ("mountPath",) for path in _CONTAINERS},
}
"""`x-kubernetes-list-type: map` and its `x-kubernetes-list-map-keys`: an entry is what has these
keys, and each belongs to whoever applied it. Every other list that we render is atomic."""

ATOMIC_OBJECTS: Final = frozenset(
    {
        "spec.podSelector",
        "spec.selector",
        "spec.template.spec.nodeSelector",
        "spec.template.spec.topologySpreadConstraints.labelSelector",
        "spec.template.spec.containers.env.valueFrom.secretKeyRef",
    }
)
"""`x-kubernetes-map-type: atomic`. Owner references and `fieldRef` are too, and are left out: the
server completes the latter."""

_UNSTORED: Final[Mapping[str, tuple[str, ...]]] = {"NetworkPolicy": ("ingress", "egress")}
"""Atomic lists of the spec that are rendered as no field when they are empty, as the server stores
them. A field that no apply names is nobody's, and what somebody wrote there would stay."""


def holds(live: Body, rendered: Body) -> bool:
    """Whether nothing of what was rendered is missing or changed."""
    return _holds(live, rendered, "") and all(
        (live["spec"].get(field) or []) == rendered["spec"].get(field, [])
        for field in _UNSTORED.get(rendered["kind"], ())
    )


def claim(document: Body) -> Body:
    """The document to apply: it names the lists that are to be empty."""
    if fields := _UNSTORED.get(document["kind"]):
        return {**document, "spec": {**{field: [] for field in fields}, **document["spec"]}}
    return document


def _holds(live: Any, rendered: Any, path: str) -> bool:
    if isinstance(rendered, dict) and path not in ATOMIC_OBJECTS:
        return isinstance(live, dict) and all(
            key in live and _holds(live[key], value, f"{path}.{key}" if path else key)
            for key, value in rendered.items()
        )
    if isinstance(rendered, list) and path in LIST_MAPS:
        return isinstance(live, list) and all(
            any(_holds(candidate, entry, path) for candidate in _same(live, entry, path))
            for entry in rendered
        )
    return bool(live == rendered)


def _same(live: list[Any], entry: Mapping[str, Any], path: str) -> list[Any]:
    """The live entries that have the rendered one's keys; a key that is not rendered is the
    server's to choose."""
    keys = [key for key in LIST_MAPS[path] if key in entry]
    return [other for other in live if all(other.get(key) == entry[key] for key in keys)]
