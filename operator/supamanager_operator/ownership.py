"""Whose an object is that exists under a name which a project needs."""

from __future__ import annotations

from supamanager_kube import labels
from supamanager_kube.client import Body
from supamanager_kube.conditions import Reason
from supamanager_kube.kinds import Kind
from supamanager_kube.project import SupabaseProject
from supamanager_operator.errors import Stalled


def belongs(live: Body, project: SupabaseProject) -> bool:
    metadata = live["metadata"]
    owners = metadata.get("ownerReferences") or ()
    if owners:
        return any(owner["uid"] == project.metadata.uid for owner in owners)
    found: dict[str, str] = metadata.get("labels") or {}
    return found.get(labels.PROJECT) == project.metadata.name


def free(live: Body) -> bool:
    """Whether it stays and belongs to nobody: it has no owner, and no project's label."""
    metadata = live["metadata"]
    found: dict[str, str] = metadata.get("labels") or {}
    return not (
        "deletionTimestamp" in metadata
        or metadata.get("ownerReferences")
        or labels.PROJECT in found
    )


def left_behind(live: Body, project: SupabaseProject) -> bool:
    """Whether it ends by itself: it is deleted, or only a deleted project of this name owns it."""
    metadata = live["metadata"]
    owners = metadata.get("ownerReferences") or ()
    return "deletionTimestamp" in metadata or (
        bool(owners)
        and all(
            (owner["kind"], owner["name"]) == (labels.KIND, project.metadata.name)
            and owner["uid"] != project.metadata.uid
            for owner in owners
        )
    )


def check(kind: Kind, live: Body, project: SupabaseProject) -> None:
    """Raises Stalled when the object is somebody else's."""
    if not belongs(live, project):
        raise Stalled(
            Reason.NAME_CONFLICT,
            f"{kind.name} {live['metadata']['name']} exists and does not belong to this project",
        )
