"""The host that a project's resource names for itself, as with kubectl or from Git."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from supamanager_api.projects import state
from supamanager_api.projects.model import ConditionRow, ProjectRow
from supamanager_kube import names
from supamanager_kube.conditions import Type


@dataclass(frozen=True)
class Hostname:
    """`waits_for` says why nobody reaches the project there yet; empty when it is reached."""

    name: str
    waits_for: str

    @classmethod
    def of(
        cls, row: ProjectRow, conditions: Iterable[ConditionRow], *, platforms: str
    ) -> Self | None:
        """None for a project without a host, or with the one that the platform gives, which is
        `platforms`."""
        host = (state.spec(row).get("http") or {}).get("host") or ""
        name = names.host_name(host)
        if name in ("", platforms):
            return None
        if row.pending or row.observed_generation < row.generation:
            return cls(name, "the operator has not seen the newest change")
        for each in conditions:
            if each.type == Type.NETWORK_READY:
                return cls(name, "" if each.status == "True" else each.message or each.reason)
        return cls(name, "the operator has not said whether it is reached")
