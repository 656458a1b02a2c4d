"""The real postgres-meta and a project's real PostgreSQL behind one process of the API."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from place import Place, opened
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


class MetaPlace(Place):
    """A project whose database and postgres-meta are real."""

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

    def give_database(self, ref: str, database: Project, *, port: int | None = None) -> None:
        data = {
            "host": "127.0.0.1",
            "port": str(port or database.port),
            "dbname": "postgres",
            "username": "postgres",
            "password": database.service_password,
            "crypto-key": CRYPTO_KEY,
        }
        self.put_secret(ref, "database", data)

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
) -> Iterator[MetaPlace]:
    with opened(
        MetaPlace,
        control_plane=control_plane,
        postgres=management_postgres,
        environment_of=environment_of,
        api_at=api_at,
        service_url=f"http://127.0.0.1:{meta.port}",
    ) as made:
        made.give_database(made.ref, database)
        yield made
