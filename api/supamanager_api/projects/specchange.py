"""What changed in a spec, as the audit log tells it: without secrets, and not too much of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from supamanager_api.projects import intents

_HIDDEN: Final = "hidden"
_LONG: Final = "too long to be told"
_LONGEST: Final = 1024
"""Characters of a value as JSON."""
_MOST: Final = 100


def shown(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The spec without the values of variables, which may be secret."""
    told: dict[str, Any] = _storable(spec)
    for service in (told.get("services") or {}).values():
        for variable in service.get("env") or ():
            if "value" in variable:
                variable["value"] = _HIDDEN
    return told


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any] | None:
    """`{before, after}`: the values of the fields that differ between two shown specs, by the
    fields' names; None if nothing does. Of very many the first ones by name are told."""
    old, new = _document(before), _document(after)
    names = sorted(intents.changed(old, new))[:_MOST]
    if not names:
        return None
    return {"before": _values(old, names), "after": _values(new, names)}


def _document(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {"spec": spec} if spec else {}


def _values(document: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    # An empty map is a default and has no value.
    found = {intents.name(path): value for path, value in intents.leaves(document) if value != {}}
    return {name: _short(found[name]) for name in names if name in found}


def _short(value: Any) -> Any:
    return value if len(json.dumps(value)) <= _LONGEST else _LONG


def _storable(value: Any) -> Any:
    """A copy without the one character that PostgreSQL cannot hold."""
    if isinstance(value, Mapping):
        return {_storable(key): _storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_storable(each) for each in value]
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value
