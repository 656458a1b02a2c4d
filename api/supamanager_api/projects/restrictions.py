"""Who may reach a project's database from outside its namespace, as ranges of addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any, Final

from supamanager_api import errors
from supamanager_api.projects import state
from supamanager_api.projects.model import ProjectRow
from supamanager_kube.project import Network

EVERYBODY: Final = ("0.0.0.0/0", "::/0")


def ranges(row: ProjectRow) -> tuple[str, ...]:
    """The ranges that are let in; none means that nobody is."""
    network = Network.model_validate(state.spec(row).get("network") or {})
    return EVERYBODY if network.policy == "Disabled" else tuple(network.database_allowed_cidrs)


def applied(row: ProjectRow) -> bool:
    """Whether the operator has seen the newest change."""
    return not row.pending and row.observed_generation >= row.generation


def change(row: ProjectRow, wanted: Iterable[str]) -> dict[str, Any]:
    """The change of the spec.

    Raises:
        Invalid: one of them is no range.
        Conflict: the project has no policy that a range could be put into.
    """
    if (state.spec(row).get("network") or {}).get("policy") == "Disabled":
        raise errors.Conflict("spec.network.policy is Disabled: everybody reaches the database")
    normal = dict.fromkeys(_normal(text) for text in wanted)
    return {"network": {"databaseAllowedCIDRs": list(normal)}}


def less(present: Iterable[str], removed: Iterable[str]) -> list[str]:
    """Raises Invalid for what is no range."""
    gone = {_normal(text) for text in removed}
    return [text for text in present if _normal(text) not in gone]


def version(text: str) -> int:
    """4 or 6."""
    return ipaddress.ip_network(text, strict=False).version


def _normal(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise errors.Invalid(f"{text!r} is no range of addresses such as 203.0.113.0/24") from None
