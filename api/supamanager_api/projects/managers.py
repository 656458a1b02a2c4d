"""Who sets fields of a resource: its managedFields, less this product's own managers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from supamanager_api.projects import intents
from supamanager_kube import labels

_OURS: Final = frozenset({labels.MANAGER_API, labels.MANAGER_OPERATOR, labels.MANAGER_STATUS})
_FIELD: Final = "f:"
_SAID: Final = (("spec",), ("metadata", "labels"), ("metadata", "annotations"))
"""What people say of a project; the rest is bookkeeping."""


def others(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One `{manager, operation, changed_at, fields}` for each; fields are names, in order."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in entries:
        if entry.get("subresource") or entry.get("manager") in _OURS:
            continue
        fields = sorted(
            intents.name(path)
            for path in _leaves(entry.get("fieldsV1") or {}, ())
            if any(path[: len(said)] == said for said in _SAID)
        )
        if fields and entry.get("time"):
            key = (entry.get("manager") or "", entry.get("operation") or "")
            found[key] = {
                "manager": key[0],
                "operation": key[1],
                "changed_at": entry["time"],
                "fields": fields,
            }
    return list(found.values())


def ours(entries: Iterable[Mapping[str, Any]]) -> set[intents.Path]:
    """The fields that the management API has applied."""
    return {
        path
        for entry in entries
        if entry.get("manager") == labels.MANAGER_API
        and entry.get("operation") == "Apply"
        and not entry.get("subresource")
        for path in _leaves(entry.get("fieldsV1") or {}, ())
    }


def _leaves(tree: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Elements of lists are not told apart: the list is what is named."""
    below = {key: value for key, value in tree.items() if key.startswith(_FIELD)}
    if not below:
        yield path
    for key, value in below.items():
        yield from _leaves(value, (*path, key.removeprefix(_FIELD)))
