"""Waiting for a project to be active, and showing its services meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from rich.console import Console
from rich.live import Live

from supamanager_dev import display
from supamanager_dev.errors import DevError
from supamanager_dev.managementapi import ManagementApi, ProjectState

_POLL_SECONDS: Final = 0.2


class NotActive(DevError):
    """The project was not active in time; says how far each service was."""


def await_active(
    console: Console,
    api: ManagementApi,
    ref: str,
    *,
    name: str,
    begun: float,
    patience: float,
    check: Callable[[], None] = lambda: None,
) -> float:
    """Returns the seconds since `begun`; `check` raises as soon as waiting is pointless.

    Raises:
        NotActive: after `patience` seconds.
    """
    shown = None
    with Live(console=console, auto_refresh=False) as live:
        while True:
            check()
            state = api.state(ref)
            seconds = time.monotonic() - begun
            if console.is_terminal:
                live.update(display.services(name, state, seconds), refresh=True)
            elif state != shown:
                shown = state
                console.print(display.line(state, seconds), highlight=False, soft_wrap=True)
            if state.active:
                return seconds
            if seconds > patience:
                raise NotActive(_complaint(state, patience))
            time.sleep(_POLL_SECONDS)


def _complaint(state: ProjectState, patience: float) -> str:
    words = [
        f"the project was not active after {patience:.0f} s: {state.status}, "
        f"{state.reason}: {state.message}"
    ]
    words += [
        f"  {service.name}: {service.reason}" for service in state.services if not service.ready
    ]
    return "\n".join(words)
