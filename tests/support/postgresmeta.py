"""The real postgres-meta, a program of npm, as a project has it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import httpx

from supamanager_dev import npm
from supamanager_dev.plainhttp import NO_TLS
from supamanager_dev.progress import Progress, silent, wait_until
from supamanager_dev.supervisor import Supervisor

MANIFESTS: Final = Path(__file__).parents[1] / "api" / "pgmeta"
_SERVER: Final = "node_modules/@supabase/postgres-meta/dist/server/server.js"
_NAME: Final = "postgres-meta"
_SECONDS: Final = 60.0


def ensure(progress: Progress = silent) -> Path:
    """The script that starts it, fetched if it is missing."""
    return npm.ensure(_NAME, MANIFESTS, [_SERVER], progress=progress) / _SERVER


class PostgresMeta:
    """It knows no database by itself: each request says which. `options` are Node's."""

    def __init__(
        self,
        supervisor: Supervisor,
        *,
        host: str,
        port: int,
        crypto_key: str,
        options: Sequence[str | Path] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port
        self.supervisor = supervisor
        self._host = host
        self._argv = [npm.NODE, *options, ensure()]
        self._environment = {
            "PATH": os.environ["PATH"],
            "PG_META_HOST": host,
            "PG_META_PORT": str(port),
            "PG_META_DB_PORT": "9",
            "CRYPTO_KEY": crypto_key,
            **(environment or {}),
        }

    def start(self) -> None:
        self.supervisor.start(_NAME, self._argv, env=self._environment)
        wait_until(
            self._healthy, _NAME, timeout=_SECONDS, alive=lambda: self.supervisor.check(_NAME)
        )

    def stop(self) -> None:
        self.supervisor.stop(_NAME)

    @property
    def log(self) -> str:
        return self.supervisor.log(_NAME).read_text()

    def _healthy(self) -> bool:
        try:
            url = f"http://{self._host}:{self.port}/health"
            return httpx.get(url, verify=NO_TLS).status_code == 200
        except httpx.HTTPError:
            return False
