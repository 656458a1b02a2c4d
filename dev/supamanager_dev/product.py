"""Operator and API as processes of their own, as they run in a cluster: under ServiceAccounts."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from supamanager_dev import plainhttp, ports, rbac
from supamanager_dev.errors import DevError
from supamanager_dev.progress import Progress, silent, wait_until
from supamanager_dev.resource import Resource
from supamanager_dev.supervisor import Supervisor

_START_SECONDS: Final = 60.0

PROCESSES: Final = ("operator", "api")

REGION: Final = "local"
DOMAIN: Final = "supamanager.localhost"
STUDIO_URL: Final = "http://localhost:3000"


class Product(Resource):
    """A context manager: both are healthy inside, and end with us, however we end.

    `operator_settings` and `api_settings` are environment variables, beside or instead of the usual
    ones.
    """

    def __init__(
        self,
        *,
        database_url: str,
        operator_config: Path,
        api_config: Path,
        operator_settings: Mapping[str, str] | None = None,
        api_settings: Mapping[str, str] | None = None,
        progress: Progress = silent,
    ) -> None:
        self._database_url = database_url
        self._operator_config = operator_config
        self._api_config = api_config
        self._operator_settings = dict(operator_settings or {})
        self._api_settings = dict(api_settings or {})
        self._progress = progress
        self._supervisor: Supervisor | None = None
        self._api_port = 0
        self._pids: dict[str, int] = {}

    def __enter__(self) -> Self:
        ports.retry(self._start, undo=self.close, progress=self._progress)
        return self

    def close(self) -> None:
        if self._supervisor is not None:
            self._supervisor.close()
            self._supervisor = None

    @property
    def supervisor(self) -> Supervisor:
        if self._supervisor is None:
            raise DevError("operator and API are not running")
        return self._supervisor

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._api_port}"

    def check(self) -> None:
        """Raise ProgramFailed if one of them has ended."""
        self.supervisor.check(*PROCESSES)

    def pid(self, name: str) -> int:
        """The process id of `operator` or `api`."""
        return self._pids[name]

    def log_tail(self, name: str) -> str:
        return self.supervisor.log_tail(name)

    def _start(self) -> None:
        self._supervisor = Supervisor("product")
        self._api_port, health, metrics = ports.free(3)
        self._start_operator(health=health, metrics=metrics)
        self._start_api()
        self._await(health, "/readyz", "the operator", name="operator")
        self._await(self._api_port, "/readyz", "the management API", name="api")

    def _start_operator(self, *, health: int, metrics: int) -> None:
        environment = {
            "KUBECONFIG": str(self._operator_config),
            "SUPAMANAGER_NAMESPACES": rbac.PROJECTS_NAMESPACE,
            "SUPAMANAGER_DOMAIN_BASE": DOMAIN,
            # No other replica waits for it; a machine that stalls should not end it.
            "SUPAMANAGER_LEASE_SECONDS": "60",
            "SUPAMANAGER_BIND_ADDRESS": "127.0.0.1",
            "SUPAMANAGER_HEALTH_PORT": str(health),
            "SUPAMANAGER_METRICS_PORT": str(metrics),
            **self._operator_settings,
        }
        self._run("operator", ["supamanager_operator"], environment)

    def _start_api(self) -> None:
        environment = {
            "KUBECONFIG": str(self._api_config),
            "DATABASE_URL": self._database_url,
            "PORT": str(self._api_port),
            "JWT_SECRET": secrets.token_urlsafe(48),
            "ENCRYPTION_SECRET": secrets.token_urlsafe(48),
            "ALLOW_SIGNUP": "true",
            "DOMAIN_BASE": DOMAIN,
            "DOMAIN_STUDIO_URL": STUDIO_URL,
            "PROJECTS_NAMESPACE": rbac.PROJECTS_NAMESPACE,
            "REGIONS": json.dumps({REGION: {"name": "This machine"}}),
            **self._api_settings,
        }
        address = ["--host", "127.0.0.1", "--port", str(self._api_port)]
        factory = ["--factory", "supamanager_api.app:create_app"]
        self._run("api", ["uvicorn", *factory, *address], environment)

    def _run(self, name: str, module: list[str], environment: dict[str, str]) -> None:
        self._pids[name] = self.supervisor.start(
            name,
            [sys.executable, "-m", *module],
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            stop_signal=signal.SIGTERM,
            # An operator that is killed keeps its Lease: the next one would wait for it.
            end_signal=signal.SIGTERM,
        )

    def _await(self, port: int, path: str, what: str, *, name: str) -> None:
        wait_until(
            lambda: plainhttp.answers(port, path),
            what,
            timeout=_START_SECONDS,
            progress=self._progress,
            alive=lambda: self.supervisor.check(name),
        )
