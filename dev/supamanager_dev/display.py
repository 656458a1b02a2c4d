"""What `up` shows: the services while a project starts, and how to reach it afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from supamanager_dev.managementapi import Access, ProjectState

SIMULATED: Final = (
    "Pods are simulated here: KWOK plays the kubelet, and no container runs. "
    "`make kind` runs real ones, where there is Docker."
)


def services(name: str, state: ProjectState, seconds: float) -> RenderableType:
    """The table of a project's services, with the project's own state above."""
    head = Text.assemble(
        (f"{name}  ", "bold"),
        (state.reason or state.status, "green" if state.active else "yellow"),
        f"  {state.summary}  {seconds:.1f} s",
    )
    table = Table("Service", "Ready", "Reason", box=None, pad_edge=False)
    for service in state.services:
        style = "green" if service.ready else "yellow"
        mark = "yes" if service.ready else "no"
        table.add_row(service.name, Text(mark, style), Text(service.reason, style))
    return Group(head, table)


def line(state: ProjectState, seconds: float) -> str:
    """The same in one line, for output that is not a terminal."""
    waiting = [service.name for service in state.services if not service.ready]
    missing = f"  waiting for {', '.join(waiting)}" if waiting else ""
    word = state.reason or state.status
    return f"{seconds:6.1f} s  {word} {state.summary}{missing}"


def summary(
    *, api: str, email: str, password: str, kubeconfig: Path, ref: str, access: Access
) -> str:
    rows = {
        "API": api,
        "Login": f"{email}  password {password}",
        "Kubernetes": f"export KUBECONFIG={kubeconfig}",
        "Project": f"{ref}  {access.url}",
        "anon key": access.anon_key,
        "service key": access.service_role_key,
    }
    return "\n".join(f"{title + ':':<13}{value}" for title, value in rows.items())
