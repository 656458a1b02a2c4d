"""Which organization a resource belongs to.

A namespace says which organizations its resources may belong to; the resource's label only chooses
among those. Whatever is not chosen so is unclaimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

ANY = "*"


@dataclass(frozen=True)
class Allowance:
    """The value of a namespace's annotation, read."""

    slugs: tuple[str, ...] = ()

    @classmethod
    def parse(cls, annotation: str | None) -> Self:
        parts = (part.strip() for part in (annotation or "").split(","))
        return cls(tuple(part for part in parts if part))

    def permits(self, slug: str) -> bool:
        return ANY in self.slugs or slug in self.slugs

    def claim(self, label: str | None) -> str | None:
        """The slug of the organization that a resource with this label belongs to.

        Where a namespace belongs to one organization, a label has nothing to choose.
        """
        if label:
            return label if self.permits(label) else None
        if len(self.slugs) == 1 and self.slugs[0] != ANY:
            return self.slugs[0]
        return None


class Labelled(Protocol):
    """A row, as it tells which label its resource has or is to have."""

    @property
    def organization_label(self) -> str | None: ...
    @property
    def label_revision(self) -> int: ...
    @property
    def label_version(self) -> int | None: ...
    @property
    def applied_revision(self) -> int: ...


def label(row: Labelled, *, seen: str | None, version: str | None) -> str | None:
    """The organization that counts: of what was seen in this version of the resource, and of what
    this program sets, the newer."""
    pending = row.label_revision > row.applied_revision
    older = (
        row.label_version is not None and version is not None and int(version) < row.label_version
    )
    if pending or older:
        return row.organization_label
    return seen or row.organization_label
