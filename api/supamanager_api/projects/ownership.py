"""Which organization a resource belongs to.

A namespace says which organizations its resources may belong to; the resource's label only chooses
among those. Whatever is not chosen so is unclaimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

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
