"""What a resource remembers of the intent that this program applied last.

The management database may be younger than its resources, because it was emptied, or older, because
a backup was restored. What the server says of our field manager tells then what was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from supamanager_api.projects import intents, managers
from supamanager_api.projects.intents import Document
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import errors, kinds, labels, names
from supamanager_kube.client import Body, KubeClient

_LABELS: Final = ("metadata", "labels")
_REVISION: Final = ("metadata", "annotations", labels.INTENT_REVISION)
_MOST: Final = 10**9
"""A number to which the column can still add many."""


@dataclass(frozen=True, kw_only=True)
class Recollection:
    """The intent with its number, which is 0 when nothing of it is there, and our labels."""

    revision: int = 0
    intent: Document
    ref: str | None = None
    organization: str | None = None

    @classmethod
    def of(cls, body: Body) -> Self:
        owned = managers.ours(body["metadata"].get("managedFields") or ())
        mine = dict(_values(body, owned))
        revision = str(mine.get(_REVISION) or "")
        ref = str(mine.get((*_LABELS, labels.REF)) or "")
        organization = mine.get((*_LABELS, labels.ORGANIZATION))
        known = revision.isascii() and revision.isdigit() and int(revision) <= _MOST
        if not known:
            return cls(intent={})
        return cls(
            revision=int(revision),
            intent=intents.build(
                (path, value) for path, value in mine.items() if path[0] == "spec"
            ),
            ref=ref if names.REF.fullmatch(ref) else None,
            organization=organization or None,
        )


async def newer(kube: KubeClient, row: ProjectRow) -> bool:
    """Whether the live resource carries a newer intent than the row.

    Raises:
        KubeError
    """
    try:
        body = await kube.get(kinds.PROJECT, row.namespace, row.resource_name)
    except errors.NotFound:
        return False
    return Recollection.of(body).revision > row.intent_revision


def _values(body: Mapping[str, Any], paths: set[intents.Path]) -> list[tuple[intents.Path, Any]]:
    """The live values at the paths; an element of a list is the whole list."""
    found = []
    for path in sorted(paths):
        node: Any = body
        for key in path:
            node = node.get(key) if isinstance(node, Mapping) else None
        if node is not None:
            found.append((path, node))
    return found
