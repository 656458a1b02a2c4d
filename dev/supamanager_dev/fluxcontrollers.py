"""Flux's controllers as processes beside the local control plane."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Final, Self

from supamanager_dev import flux, plainhttp, ports
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.errors import DevError
from supamanager_dev.progress import Progress, silent, wait_until
from supamanager_dev.resource import Resource
from supamanager_dev.supervisor import Supervisor

_START_SECONDS: Final = 60.0
_NAMESPACE: Final = "flux-system"
"""What they take for their own; they look at every namespace."""


class FluxControllers(Resource):
    """A context manager: source-controller and kustomize-controller run inside, with the rights of
    the control plane's administrator, which are those that Flux installs itself with.

    Their definitions stay in the cluster.
    """

    def __init__(self, control_plane: ControlPlane, *, progress: Progress = silent) -> None:
        self._control_plane = control_plane
        self._progress = progress
        self._supervisor: Supervisor | None = None

    def __enter__(self) -> Self:
        programs = flux.ensure_controllers(self._progress)
        self._control_plane.apply(programs / flux.DEFINITIONS)
        ports.retry(lambda: self._start(programs), undo=self.close, progress=self._progress)
        return self

    def close(self) -> None:
        if self._supervisor is not None:
            self._supervisor.close()
            self._supervisor = None

    def log(self, controller: str) -> str:
        """What a controller has written so far: one JSON object a line."""
        return self._running.log(controller).read_text(errors="replace")

    @property
    def _running(self) -> Supervisor:
        if self._supervisor is None:
            raise DevError("Flux's controllers are not running")
        return self._supervisor

    def _start(self, programs: Path) -> None:
        self._supervisor = Supervisor("flux")
        artifacts, *health = ports.free(1 + len(flux.CONTROLLERS))
        storage = self._supervisor.directory / "artifacts"
        storage.mkdir()
        own = {
            "source-controller": [
                f"--storage-path={storage}",
                f"--storage-addr=127.0.0.1:{artifacts}",
                f"--storage-adv-addr=127.0.0.1:{artifacts}",
            ],
            "kustomize-controller": ["--no-remote-bases"],
        }
        for name, port in zip(flux.CONTROLLERS, health, strict=True):
            self._run(programs / name, port, own[name])
        for name, port in zip(flux.CONTROLLERS, health, strict=True):
            self._await(name, port)

    def _run(self, program: Path, health: int, arguments: list[str]) -> None:
        temporary = self._running.directory / f"{program.name}-tmp"
        temporary.mkdir()
        self._running.start(
            program.name,
            [
                program,
                *arguments,
                f"--health-addr=127.0.0.1:{health}",
                "--metrics-addr=0",
                "--log-encoding=json",
            ],
            env={
                **os.environ,
                "KUBECONFIG": str(self._control_plane.admin_kubeconfig),
                "RUNTIME_NAMESPACE": _NAMESPACE,
                "TMPDIR": str(temporary),
            },
            stop_signal=signal.SIGTERM,
        )

    def _await(self, name: str, port: int) -> None:
        wait_until(
            lambda: plainhttp.answers(port, "/readyz"),
            name,
            timeout=_START_SECONDS,
            progress=self._progress,
            alive=lambda: self._running.check(name),
        )
