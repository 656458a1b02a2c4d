"""How large a project is: the names of its sizes, and its volume."""

from __future__ import annotations

from typing import Final, get_args

from supamanager_api import errors
from supamanager_api.projects import state
from supamanager_api.projects.intents import Document
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import quantities
from supamanager_kube.project import Size, Spec

SIZES: Final[tuple[str, ...]] = get_args(Size)
DEFAULT: Final = Spec().size
ADDON: Final = "compute_instance"
VARIANTS: Final = {f"ci_{size}": size for size in SIZES}
"""The hosted service's names of the sizes, as add-ons."""
NO_VOLUME: Final = "The project has no volume yet"


def of(row: ProjectRow) -> str:
    return str(state.spec(row).get("size") or DEFAULT)


def without(row: ProjectRow, variant: str) -> Document:
    """The change that takes the size away which the project has.

    Raises:
        NotFound: it has another.
    """
    if VARIANTS.get(variant) != of(row):
        raise errors.NotFound(f"The project has no add-on {variant}")
    return {"size": DEFAULT}


def capacity(row: ProjectRow) -> int | None:
    """What the volume of the database holds, in whole GiB; None while there is none."""
    size = (row.facts.get("volumes") or {}).get("database")
    return int(quantities.value(size) / quantities.GIBI) if size else None


def grown(row: ProjectRow, gibibytes: int) -> Document:
    """The change that makes the volume of the database as large as that.

    Raises:
        Conflict: there is no volume yet.
        Invalid: it holds more already.
    """
    holds = capacity(row)
    if holds is None:
        raise errors.Conflict(NO_VOLUME)
    if gibibytes < holds:
        raise errors.Invalid(f"volume_size_gb: a volume cannot shrink; this one holds {holds} GB")
    return {"database": {"managed": {"storage": {"size": f"{gibibytes}Gi"}}}}
