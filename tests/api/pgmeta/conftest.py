"""The real postgres-meta and a project's real PostgreSQL behind one process of the API."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import postgresmeta
from place import Place, opened
from postgresmeta import PostgresMeta
from projectsql import Project, like_the_image

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane
    from supamanager_dev.postgres import Postgres

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


@pytest.fixture(scope="session")
def meta(announce: Callable[[str], None]) -> Iterator[PostgresMeta]:
    from supamanager_dev import ports
    from supamanager_dev.supervisor import Supervisor

    postgresmeta.ensure(announce)
    with Supervisor("postgres-meta") as supervisor:
        [port] = ports.free(1)
        running = PostgresMeta(supervisor, host="127.0.0.1", port=port, crypto_key=CRYPTO_KEY)
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
    meta: PostgresMeta,
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
