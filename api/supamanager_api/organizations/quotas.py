"""How much of the cluster the projects of an organization may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from supamanager_api import amounts
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
    return changed(UNLIMITED, amounts.read(text))


def changed(quota: Quota, values: Mapping[str, Any]) -> Quota:
    """The quota with these values in place of its own; null takes a limit away.

    Raises:
        ValueError: a name or a quantity is not known.
    """
    return Quota(**amounts.changed(vars(quota), values, units={"cpu": MILLI}))


def readable(name: str, amount: int) -> str:
    """As a person would write it: cores, or a quantity of bytes."""
    if name == "cpu":
        return quantities.canonical(f"{amount}m")
    if name == "projects":
        return str(amount)
    return quantities.canonical(f"{amount // 2**20}Mi")
