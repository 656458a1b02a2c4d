"""How much of the cluster the projects of an organization may take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from supamanager_kube import quantities

MILLI: Final = 1000


@dataclass(frozen=True)
class Quota:
    """As a footprint: cores in thousandths, the rest in bytes. None: without limit."""

    projects: int | None = None
    cpu: int | None = None
    memory: int | None = None
    storage: int | None = None


UNLIMITED: Final = Quota()


def parse(text: str) -> Quota:
    """The quota of a JSON object such as `{"projects": 10, "cpu": "8", "memory": "32Gi"}`.

    Raises:
        ValueError: says what is wrong.
    """
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"ORGANIZATION_QUOTA is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise ValueError("ORGANIZATION_QUOTA: must be an object")
    return changed(UNLIMITED, values)


def changed(quota: Quota, values: Mapping[str, Any]) -> Quota:
    """The quota with these values in place of its own; null takes a limit away.

    Raises:
        ValueError: a name or a quantity is not known.
    """
    known = vars(quota)
    if unknown := sorted(set(values) - set(known)):
        raise ValueError(f"{unknown[0]}: there is no such quota; there are {', '.join(known)}")
    return Quota(**{**known, **{name: _limit(name, given) for name, given in values.items()}})


def _limit(name: str, given: Any) -> int | None:
    if given is None:
        return None
    try:
        amount = quantities.value(str(given)) * (MILLI if name == "cpu" else 1)
    except ValueError:
        raise ValueError(f"{name}: {given!r} is no quantity") from None
    whole = isinstance(given, (int, str)) and not isinstance(given, bool)
    if not whole or amount.denominator != 1 or amount >= 2**63:
        raise ValueError(f"{name}: {given!r} is no quantity that can be counted")
    return int(amount)


def readable(name: str, amount: int) -> str:
    """As a person would write it: cores, or a quantity of bytes."""
    if name == "cpu":
        return quantities.canonical(f"{amount}m")
    if name == "projects":
        return str(amount)
    return quantities.canonical(f"{amount // 2**20}Mi")
