"""What the watches last said of the projects' children, in little memory.

It drives triggers, status and the skipping of applies. It never decides a deletion: a watch may
miss one, which the sweeper then finds.

The body of a child is kept, compressed, only until a reconcile has compared it with its rendering.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from supamanager_kube import labels
from supamanager_kube.client import Body
from supamanager_kube.kinds import Kind
from supamanager_operator.workload import Workload, workload_of

ProjectKey = tuple[str, str]
ChildKey = tuple[str, str]
"""Kind and name."""

_METADATA: Final = ("labels", "annotations", "ownerReferences", "deletionTimestamp")


@dataclass(frozen=True)
class Child:
    uid: str
    resource_version: int
    digest: bytes
    """Hash of everything but status and bookkeeping."""
    applied_hash: str
    project_uid: str
    labels: Mapping[str, str]
    deleting: bool
    workload: Workload | None
    capacity: str
    """Of a bound volume."""
    live: bytes | None = field(repr=False)
    """The compressed content, until it is verified."""

    def content(self) -> Body | None:
        if self.live is None:
            return None
        body: Body = json.loads(zlib.decompress(self.live))
        return body


def project_key(body: Mapping[str, Any]) -> ProjectKey | None:
    """The project that an object belongs to, from its labels."""
    metadata = body["metadata"]
    name = (metadata.get("labels") or {}).get(labels.PROJECT)
    return (metadata["namespace"], name) if name else None


class Inventory:
    def __init__(self) -> None:
        self._projects: dict[ProjectKey, dict[ChildKey, Child]] = {}

    def children(self, key: ProjectKey) -> Mapping[ChildKey, Child]:
        return self._projects.get(key, {})

    def keys(self) -> list[ProjectKey]:
        return list(self._projects)

    def record(self, kind: Kind, body: Mapping[str, Any]) -> ProjectKey | None:
        """Remember the object; returns its project when something changed that matters."""
        key = project_key(body)
        if key is None:
            return None
        child_key = (kind.name, body["metadata"]["name"])
        known = self.children(key).get(child_key)
        child = _child(kind, body)
        if known and known.uid == child.uid:
            if child.resource_version <= known.resource_version:
                return None
            if known.live is None and known.digest == child.digest:
                child = replace(child, live=None)
        self._projects.setdefault(key, {})[child_key] = child
        unchanged = (
            known
            and known.uid == child.uid
            and known.digest == child.digest
            and known.workload == child.workload
            and known.capacity == child.capacity
        )
        return None if unchanged else key

    def verified(self, key: ProjectKey, child_key: ChildKey) -> None:
        """The live content was compared, or was just returned by our own apply."""
        children = self._projects.get(key, {})
        if child := children.get(child_key):
            children[child_key] = replace(child, live=None)

    def remove(self, kind: Kind, body: Mapping[str, Any]) -> ProjectKey | None:
        """Forget a deleted object; returns its project if it was known."""
        metadata = body["metadata"]
        key = project_key(body)
        if key is None:
            return None
        children = self._projects.get(key, {})
        child_key = (kind.name, metadata["name"])
        known = children.get(child_key)
        if known is None or known.uid != metadata["uid"]:
            return None
        del children[child_key]
        if not children:
            del self._projects[key]
        return key

    def reconcile_listing(self, kind: Kind, listed: Iterator[Mapping[str, Any]]) -> set[ProjectKey]:
        """Compare a complete listing of one kind with what is recorded.

        Forgets what no longer exists; returns the projects that a watch missed something of.
        """
        changed = set()
        seen = set()
        for body in listed:
            key = project_key(body)
            if key is None:
                continue
            metadata = body["metadata"]
            seen.add((key, metadata["name"], metadata["uid"]))
            known = self.children(key).get((kind.name, metadata["name"]))
            if known is None or known.uid != metadata["uid"]:
                changed.add(key)
        for key in self.keys():
            children = self._projects[key]
            for child_key, child in list(children.items()):
                if child_key[0] == kind.name and (key, child_key[1], child.uid) not in seen:
                    del children[child_key]
                    changed.add(key)
            if not children:
                del self._projects[key]
        return changed


def _child(kind: Kind, body: Mapping[str, Any]) -> Child:
    metadata = body["metadata"]
    annotations = metadata.get("annotations") or {}
    content = {name: value for name, value in body.items() if name not in ("metadata", "status")}
    content["metadata"] = {
        name: value for name in _METADATA if (value := metadata.get(name)) is not None
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return Child(
        uid=metadata["uid"],
        resource_version=int(metadata["resourceVersion"]),
        digest=hashlib.blake2b(text, digest_size=16).digest(),
        applied_hash=annotations.get(labels.APPLIED_HASH, ""),
        project_uid=(metadata.get("labels") or {}).get(labels.PROJECT_UID, ""),
        labels=metadata.get("labels") or {},
        deleting="deletionTimestamp" in metadata,
        workload=workload_of(kind, body),
        capacity=((body.get("status") or {}).get("capacity") or {}).get("storage", ""),
        live=zlib.compress(text, 1),
    )
