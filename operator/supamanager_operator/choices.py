"""What an absent field of the spec means for a project: the release and the PostgreSQL that it was
created with."""

from __future__ import annotations

from collections.abc import Mapping

from supamanager_kube import kinds, labels, names
from supamanager_kube.conditions import Reason
from supamanager_kube.project import SupabaseProject
from supamanager_operator.errors import Stalled
from supamanager_operator.inventory import Child, ChildKey
from supamanager_operator.render import releases
from supamanager_operator.render.releases import Release


def release(project: SupabaseProject, *, recorded: str | None) -> Release:
    """The release to run; `recorded` is the one that the project was created with.

    Raises:
        Stalled: there is no such release, or the project runs another one.
    """
    asked = project.spec.version
    if asked and asked not in releases.versions():
        known = ", ".join(releases.versions())
        raise Stalled(Reason.UNKNOWN_VERSION, f"version {asked} is unknown; there is {known}")
    if recorded and recorded not in releases.versions():
        raise Stalled(
            Reason.UNKNOWN_VERSION,
            f"the project runs {recorded}, which this operator does not know",
        )
    if asked and recorded and asked != recorded:
        raise Stalled(
            Reason.VERSION_MISMATCH, f"version is {asked}, but the project was made with {recorded}"
        )
    return releases.load(asked or recorded or releases.latest())


def postgres_version(
    project: SupabaseProject, chosen: Release, children: Mapping[ChildKey, Child]
) -> int:
    """The major version of the data on the volume, or else the one for a new volume.

    Raises:
        Stalled: the spec asks for another one than the volume has.
    """
    managed = project.spec.database.managed
    asked = managed.postgres_version if managed else None
    child = children.get(_volume_key(project))
    recorded = child.labels.get(labels.POSTGRES_VERSION) if child else None
    if recorded and asked and str(asked) != recorded:
        raise Stalled(
            Reason.VERSION_MISMATCH,
            f"postgresVersion is {asked}, but the volume holds data of PostgreSQL {recorded}",
        )
    return int(recorded or asked or chosen.postgres_version)


def volume(project: SupabaseProject, children: Mapping[ChildKey, Child]) -> str | None:
    """The uid of the database volume."""
    child = children.get(_volume_key(project))
    return child.uid if child and not child.deleting else None


def _volume_key(project: SupabaseProject) -> ChildKey:
    return kinds.VOLUME_CLAIM.name, names.child(project.metadata.name, "database")
