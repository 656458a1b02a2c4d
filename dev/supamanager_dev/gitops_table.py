"""The table in `docs/gitops/README.md`: what GitOps tools make of a project in each state.

`tests/gitops/states.yaml` says what each tool shall make of each state; the resources beside it
were recorded from a running operator, and tests hold both against the tools.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from supamanager_dev import generated
from supamanager_dev.generated import DOCS, Block
from supamanager_kube.conditions import TRANSIENT, Type

RECORDED: Final = DOCS.parent / "tests" / "gitops"


@dataclass(frozen=True, kw_only=True)
class State:
    """`flux` is by the expressions of the example, `kstatus` what Flux says without them."""

    name: str
    means: str
    argo: str
    kstatus: str
    flux: str

    @property
    def file(self) -> Path:
        return RECORDED / "recorded" / f"{self.name}.yaml"

    @property
    def resource(self) -> dict[str, Any]:
        """As the API server gave it, less its spec and what differs from run to run."""
        return dict(yaml.safe_load(self.file.read_text(encoding="utf-8")))


def states() -> list[State]:
    text = (RECORDED / "states.yaml").read_text(encoding="utf-8")
    return [State(**each) for each in yaml.safe_load(text)]


def table() -> str:
    """One row for each state."""
    rows = [
        f"| {state.means} | {_conditions(state.resource)} | {state.argo} | {state.flux} "
        f"| {state.kstatus} |"
        for state in states()
    ]
    head = [
        "| The project | Conditions | Argo CD | Flux | Flux without the expressions |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows])


def _conditions(resource: Mapping[str, Any]) -> str:
    """`Ready`, and those that say more than it does."""
    found = {each["type"]: each for each in resource["status"].get("conditions", ())}
    if not found:
        return "none yet"
    shown = [f"`Ready` {found[Type.READY]['status']}/{found[Type.READY]['reason']}"]
    for type_ in (*sorted(TRANSIENT), Type.PAUSED):
        if type_ in found and found[type_]["status"] == "True":
            shown.append(f"`{type_}` {found[type_]['reason']}")
    return ", ".join(shown)


BLOCKS: Final = (Block("gitops/README.md", "verdicts", table),)

if __name__ == "__main__":
    sys.exit(generated.main("gitops_table", BLOCKS))
