"""`docs/conditions.md`: which condition may carry which reason."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

from supamanager_dev import generated
from supamanager_dev.generated import Block
from supamanager_kube.components import COMPONENTS
from supamanager_kube.conditions import REASONS, TRANSIENT, Reason, Type


def project() -> str:
    """One row for each condition of the project as a whole."""
    rows = [
        f"| `{type_}` | {'only while True' if type_ in TRANSIENT else 'always'} "
        f"| {_reasons(REASONS[type_])} |"
        for type_ in Type
    ]
    return "\n".join(["| Type | Present | Reasons |", "|---|---|---|", *rows])


def components() -> str:
    """One row for each set of reasons, with the components' conditions that share it."""
    groups: dict[frozenset[Reason], list[str]] = {}
    for component in COMPONENTS.values():
        groups.setdefault(REASONS[component.condition], []).append(component.condition)
    rows = [
        f"| {', '.join(f'`{type_}`' for type_ in types)} | {_reasons(reasons)} |"
        for reasons, types in groups.items()
    ]
    return "\n".join(["| Types | Reasons |", "|---|---|", *rows])


def _reasons(reasons: Iterable[Reason]) -> str:
    """In the order of the table of reasons."""
    allowed = set(reasons)
    return ", ".join(f"`{reason}`" for reason in Reason if reason in allowed)


BLOCKS: Final = (
    Block("conditions.md", "project", project),
    Block("conditions.md", "components", components),
)

if __name__ == "__main__":
    sys.exit(generated.main("conditions_table", BLOCKS))
