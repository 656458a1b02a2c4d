"""Stand-in for the pods of one project, where KWOK starts no program.

The real postgres-meta and a real PostgreSQL run beside the tests, and stubs of the gateway and of
the log store, with what the operator wrote into the project's Secrets. Each component has its own
port, as in the cluster, on a loopback address that nobody else uses.
"""

from __future__ import annotations

import base64
import secrets
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import gatewaystub
from operating import Cluster
from postgresmeta import PostgresMeta
from projectsql import Project
from supamanager_dev.resource import Resource
from supamanager_dev.supervisor import Supervisor
from supamanager_kube import kinds
from supamanager_kube.components import COMPONENTS

NETWORK: Final = Path(__file__).with_name("services.cjs")
_SECONDS: Final = 60.0

# What the service Auth makes in its database when it first starts.
_USERS: Final = "CREATE TABLE IF NOT EXISTS auth.users (id uuid PRIMARY KEY, email text)"


class ProjectPods(Resource):
    def __init__(self, cluster: Cluster, database: Project) -> None:
        self._cluster = cluster
        self._database = database
        self._supervisor = Supervisor("pods")
        self._host = f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(256)}.7"
        self._meta: PostgresMeta | None = None
        self._stack = ExitStack()
        addresses = {
            component: (self._host, COMPONENTS[component].ports["http"])
            for component in ("gateway", "analytics")
        }
        self._stubs = self._stack.enter_context(gatewaystub.running_at(addresses))

    @property
    def service_url_template(self) -> str:
        return f"http://{self._host}:{{port}}"

    def close(self) -> None:
        self._stack.close()
        self._supervisor.close()

    def run(self, ref: str) -> None:
        """From now on these are the pods of this project, as soon as it has its Secrets."""
        if self._meta is not None:
            self._meta.stop()
        secret = self._secret(f"{ref}-database")
        self._stubs.service_key = self._secret(f"{ref}-keys")["service-role-key"]
        self._stubs.log_token = self._secret(f"{ref}-internal")["logflare-private-token"]
        done = self._database.init(PASSWORD_VERIFIER=secret["password-verifier"])
        assert done.returncode == 0, done.stderr
        self._database.sql(_USERS)
        self._meta = PostgresMeta(
            self._supervisor,
            host=self._host,
            port=COMPONENTS["meta"].ports["http"],
            crypto_key=secret["crypto-key"],
            options=("--require", NETWORK),
            environment={
                "SERVICES_HOST": "127.0.0.1",
                "DATABASE_PORT": str(self._database.port),
            },
        )
        self._meta.start()

    def pause(self) -> None:
        assert self._meta is not None
        self._meta.stop()

    def resume(self) -> None:
        assert self._meta is not None
        self._meta.start()

    def _secret(self, name: str) -> dict[str, str]:
        deadline = time.monotonic() + _SECONDS
        found: dict[str, Any] | None = None
        while found is None:
            found = self._cluster.find(kinds.SECRET, name)
            assert time.monotonic() < deadline, f"there is no Secret {name}"
        return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}
