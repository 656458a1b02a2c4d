"""A container as a process of this machine."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from supamanager_dev.errors import DevError
from supamanager_dev.supervisor import Supervisor


class PodProcess:
    """Started when it is made; it gets the variables and no other.

    Raises:
        DevError: it cannot be started.
    """

    def __init__(self, name: str, words: list[str], variables: Mapping[str, str]) -> None:
        self._supervisor = Supervisor("pod")
        self._name = name
        # The image's own: where its Python is, and a home.
        image = {"PATH": f"{Path(sys.executable).parent}:{os.defpath}", "HOME": "/nonexistent"}
        try:
            self._supervisor.start(
                name, words, env={**image, **variables}, stop_signal=signal.SIGTERM, grace=30
            )
        except DevError:
            self._supervisor.close()
            raise

    def exit_code(self) -> int | None:
        return self._supervisor.exit_code(self._name)

    def log(self) -> str:
        return self._supervisor.log_tail(self._name)

    def stop(self, grace: float) -> None:
        if grace > 0:
            self._supervisor.stop(self._name)
        self._supervisor.close()
