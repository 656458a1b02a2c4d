"""What a project takes of a cluster, as quotas count it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from supamanager_api.projects import sizes, state
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import quantities

MEBI: Final = 2**20

REQUESTS: Final[dict[str, tuple[int, int]]] = {
    "nano": (575, 1312),
    "micro": (845, 1608),
    "small": (1150, 2032),
    "medium": (1725, 4096),
    "large": (3450, 8192),
    "xlarge": (6000, 16384),
    "2xlarge": (10800, 32768),
}
"""By size: what all services together ask for, in thousandths of a core and in MiB."""

VOLUMES: Final = {"database": "10Gi", "database-custom": "1Gi", "storage": "8Gi", "snippets": "1Gi"}
"""What each volume holds when a project says nothing."""


@dataclass(frozen=True)
class Footprint:
    """Cores in thousandths; memory and storage in bytes."""

    projects: int = 0
    cpu: int = 0
    memory: int = 0
    storage: int = 0

    def __add__(self, other: Footprint) -> Footprint:
        return Footprint(
            self.projects + other.projects,
            self.cpu + other.cpu,
            self.memory + other.memory,
            self.storage + other.storage,
        )

    def beyond(self, other: Footprint) -> tuple[str, ...]:
        """The resources that this one takes more of."""
        return tuple(name for name in FIELDS if getattr(self, name) > getattr(other, name))


FIELDS: Final = ("projects", "cpu", "memory", "storage")


def of(row: ProjectRow) -> Footprint:
    """What is asked for, or what there is where that is more. A paused project counts in full: it
    may be started again."""
    cores, mebibytes = REQUESTS[sizes.of(row)]
    return Footprint(1, cores, mebibytes * MEBI, _storage(row))


def _storage(row: ProjectRow) -> int:
    spec = state.spec(row)
    asked = {
        "database": _size(spec, "database", "managed", "storage"),
        "storage": _size(spec, "storage", "file"),
    }
    there = row.facts.get("volumes") or {}
    total = 0
    for name in VOLUMES.keys() | there.keys():
        wanted = asked.get(name) or VOLUMES.get(name) or "0"
        total += max(int(quantities.value(size)) for size in (wanted, there.get(name) or "0"))
    return total


def _size(spec: dict[str, Any], *path: str) -> str | None:
    found: Any = spec
    for name in (*path, "size"):
        found = (found or {}).get(name)
    return None if found is None else str(found)
