"""The real postgres-meta and a project's real PostgreSQL behind one process of the API.

No operator runs: the tests make the Secret that it would have made.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from asking import Cluster, Owner, new_owner
from management import Management
from projectsql import Project, like_the_image

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane
    from supamanager_dev.postgres import Postgres
    from supamanager_dev.supervisor import Supervisor

MANIFESTS = Path(__file__).parent
SERVER = "node_modules/@supabase/postgres-meta/dist/server/server.js"
CRYPTO_KEY = secrets.token_urlsafe(24)


@pytest.fixture(scope="session")
def database(announce: Callable[[str], None]) -> Iterator[Project]:
    """A project's database after the init Job has run."""
    from supamanager_dev import projectdb

    projectdb.ensure(announce)
    with projectdb.ProjectPostgres(17, settings={"wal_level": "logical"}) as running:
        made = like_the_image(running)
        done = made.init()
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        yield made


@dataclass
class Meta:
    """postgres-meta, which knows no database by itself."""

    supervisor: Supervisor
    folder: Path
    port: int

    def start(self) -> None:
        from supamanager_dev import npm
        from supamanager_dev.progress import silent, wait_until

        self.supervisor.start(
            "postgres-meta",
            [npm.NODE, self.folder / SERVER],
            env={
                "PATH": os.environ["PATH"],
                "PG_META_HOST": "127.0.0.1",
                "PG_META_PORT": str(self.port),
                "PG_META_DB_PORT": "9",
                "CRYPTO_KEY": CRYPTO_KEY,
            },
        )
        wait_until(
            self._healthy,
            "postgres-meta",
            timeout=60,
            progress=silent,
            alive=lambda: self.supervisor.check("postgres-meta"),
        )

    def stop(self) -> None:
        self.supervisor.stop("postgres-meta")

    @property
    def log(self) -> str:
        return self.supervisor.log("postgres-meta").read_text()

    def _healthy(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health").status_code == 200
        except httpx.HTTPError:
            return False


@pytest.fixture(scope="session")
def meta(announce: Callable[[str], None]) -> Iterator[Meta]:
    from supamanager_dev import npm, ports
    from supamanager_dev.supervisor import Supervisor

    folder = npm.ensure("postgres-meta", MANIFESTS, [SERVER], progress=announce)
    with Supervisor("postgres-meta") as supervisor:
        running = Meta(supervisor, folder, ports.free(1)[0])
        running.start()
        yield running


@dataclass
class Place:
    """An API, and in it an organization with one project whose database and meta are real."""

    api: Any
    owner: Owner
    ref: str
    cluster: Cluster
    management: Management

    @property
    def url(self) -> str:
        return f"/platform/pg-meta/{self.ref}"

    def query(
        self, text: str, *, client: httpx.Client | None = None, **body: Any
    ) -> httpx.Response:
        return (client or self.owner.client).post(f"{self.url}/query", json={"query": text, **body})

    def rows(self, text: str) -> list[dict[str, Any]]:
        answer = self.query(text)
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    def member(self, role: str) -> httpx.Client:
        """A new member of the organization."""
        account = self.api.new_account()
        self.management.add_member(account.email, self.owner.organization["id"], role=role)
        return self.api.client(account.token)

    def give_database(self, ref: str, database: Project, *, port: int | None = None) -> None:
        """As the operator does."""
        data = {
            "host": "127.0.0.1",
            "port": str(port or database.port),
            "dbname": "postgres",
            "username": "postgres",
            "password": database.service_password,
            "crypto-key": CRYPTO_KEY,
        }
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": f"{ref}-database"},
            "data": encoded,
        }
        self.cluster.kubectl("apply", "-f", "-", stdin=json.dumps(body))

    def token(self, client: httpx.Client | None = None, ref: str | None = None) -> str:
        """The `connectionString` that Studio is given."""
        answer = (client or self.owner.client).get(f"/platform/projects/{ref or self.ref}")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["connectionString"])


@pytest.fixture(scope="session")
def place(
    control_plane: ControlPlane,
    management_postgres: Postgres,
    environment_of: Callable[[str, Path], dict[str, str]],
    api_at: Callable[..., Any],
    database: Project,
    meta: Meta,
) -> Iterator[Place]:
    from supamanager_dev import rbac

    name = f"pgmeta-{secrets.token_hex(4)}"
    metadata = {
        "name": name,
        "labels": rbac.PROJECTS_LABELS,
        "annotations": rbac.PROJECTS_ANNOTATIONS,
    }
    control_plane.api.request("POST", "/api/v1/namespaces", {"metadata": metadata})
    database_name = f"pgmeta_{secrets.token_hex(4)}"
    environment = {
        **environment_of(
            management_postgres.create_database(database_name),
            rbac.bind(control_plane, rbac.API, projects=[name]),
        ),
        "PROJECTS_NAMESPACE": name,
        "SERVICE_URL_TEMPLATE": f"http://127.0.0.1:{meta.port}",
    }
    cluster = Cluster(control_plane, name)
    with ExitStack() as stack:
        api = stack.enter_context(api_at(environment))
        owner = stack.enter_context(new_owner(api))
        ref = owner.create()
        made = Place(api, owner, ref, cluster, Management(management_postgres, database_name))
        made.give_database(ref, database)
        yield made
    control_plane.kubectl("delete", "namespace", name, "--wait=false", "--ignore-not-found")
    management_postgres.drop_database(database_name)
