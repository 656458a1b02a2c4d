"""Real API processes: uvicorn on a free port."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import described
import forks
from forks import Forks
from inbox import Inbox
from supamanager_api import ratelimits
from supamanager_dev.plainhttp import NO_TLS

if TYPE_CHECKING:
    from supamanager_dev.postgres import Postgres

START_SECONDS = 90.0
STOP_SECONDS = 20.0
PASSWORD = "Correct-Horse-7"


@dataclass
class ApiProcess:
    """One process of the API. `environment` is what it is started with, again and again; without
    `forks` it is started by its command line.
    """

    forks: Forks | None
    environment: dict[str, str]
    port: int
    log: Path
    process: forks.Process | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self, *, wait: bool = True) -> None:
        start = forks.execute if self.forks is None else self.forks.start
        self.process = start(
            *("uvicorn", "--factory", "supamanager_api.app:create_app", "--host", "127.0.0.1"),
            *("--port", str(self.port), "--timeout-graceful-shutdown", "5"),
            env=self.environment,
            log=self.log,
        )
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the API ended with {self.process.returncode}:\n{self.logs}")
            if self._ready():
                return
            time.sleep(0.02)
        raise AssertionError(f"the API was not ready in time:\n{self.logs}")

    def _ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait_ended(self) -> int:
        """The exit code of a process that ends by itself."""
        assert self.process is not None
        return self.process.wait(START_SECONDS)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a machine that loses its power: nothing is finished."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_SECONDS)
        self.process = None

    @property
    def logs(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def client(self, token: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return described.Client(base_url=self.url, headers=headers, timeout=30, verify=NO_TLS)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=30, verify=NO_TLS)

    def new_account(self, email: str | None = None) -> Account:
        """An account made and signed in through HTTP."""
        email = email or f"{secrets.token_hex(6)}@example.test"
        with self.client() as client:
            body = {"email": email, "password": PASSWORD}
            made = client.post("/platform/signup", json=body)
            assert made.status_code == 201, made.text
            signed_in = client.post("/platform/auth/login", json=body)
            assert signed_in.status_code == 200, signed_in.text
        return Account(email, PASSWORD, signed_in.json())


@dataclass(frozen=True)
class Mailed:
    """A process that sends mails, and where they go."""

    api: ApiProcess
    inbox: Inbox
    database_url: str


@pytest.fixture(scope="module")
def mailed(
    request: pytest.FixtureRequest,
    management_postgres: Postgres,
    dead_kubeconfig: Path,
    api_at: Callable[[dict[str, str]], AbstractContextManager[ApiProcess]],
) -> Iterator[Mailed]:
    """One for the tests of a module, started with what the module's MAILED says too."""
    name = f"mailed_{secrets.token_hex(4)}"
    url = management_postgres.create_database(name)
    own: dict[str, str] = getattr(request.module, "MAILED", {})
    with Inbox() as inbox:
        environment = {**_environment(url, dead_kubeconfig), **inbox.environment, **own}
        with api_at(environment) as api:
            yield Mailed(api, inbox, url)
    management_postgres.drop_database(name)


@dataclass
class Account:
    email: str
    password: str
    session: dict[str, Any]

    @property
    def token(self) -> str:
        return str(self.session["access_token"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture(scope="session")
def dead_kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kubeconfig of a cluster that does not answer."""
    path = tmp_path_factory.mktemp("kubeconfig") / "dead"
    named = {"name": "dead"}
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "dead",
                "clusters": [{**named, "cluster": {"server": "https://127.0.0.1:9"}}],
                "users": [{**named, "user": {"token": "none"}}],
                "contexts": [{**named, "context": {"cluster": "dead", "user": "dead"}}],
            }
        )
    )
    return path


@pytest.fixture(scope="session")
def environment_of() -> Callable[[str, Path], dict[str, str]]:
    """Makes the environment of a process from the address of its database and its kubeconfig."""
    return _environment


@pytest.fixture(scope="session")
def forking() -> Iterator[Forks]:
    modules = (
        *("supamanager_api.app", "uvicorn.main", "uvicorn.lifespan.on", "uvicorn.loops.auto"),
        *("uvicorn.protocols.http.auto", "uvicorn.protocols.websockets.auto"),
    )
    quick = Path(forks.__file__).with_name("quickhashes.py")
    with Forks(*modules, str(quick)) as running:
        yield running


@pytest.fixture(scope="session")
def api_at(
    forking: Forks, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[dict[str, str]], AbstractContextManager[ApiProcess]]:
    """Runs a process with an environment, for tests that share one among them."""

    @contextmanager
    def run(environment: dict[str, str]) -> Iterator[ApiProcess]:
        log = tmp_path_factory.mktemp("api") / "api.log"
        process = ApiProcess(forking, environment, _free_port(), log)
        try:
            process.start()
            yield process
        finally:
            process.stop()

    return run


@pytest.fixture
def api_environment(database_url: str, dead_kubeconfig: Path) -> dict[str, str]:
    """What the API processes of the test are started with, if it says nothing else."""
    return _environment(database_url, dead_kubeconfig)


@pytest.fixture
def api_process(
    forking: Forks, api_environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[..., ApiProcess]]:
    """Makes API processes: `api_process(wait=True, start=True, forked=True, **environment)`.

    They share a database and secrets of their own, and are stopped after the test.
    """
    made: list[ApiProcess] = []

    def make(
        *, wait: bool = True, start: bool = True, forked: bool = True, **environment: str
    ) -> ApiProcess:
        process = ApiProcess(
            forking if forked else None,
            {**api_environment, **environment},
            _free_port(),
            tmp_path / f"api-{len(made)}.log",
        )
        made.append(process)
        if start:
            process.start(wait=wait)
        return process

    yield make
    for process in made:
        process.stop()


@pytest.fixture
def own_api(api_process: Callable[..., ApiProcess]) -> ApiProcess:
    """A process that nobody else uses, with the test's `database_url`."""
    return api_process()


@pytest.fixture(scope="session")
def api(serving: Callable[[], AbstractContextManager[ApiProcess]]) -> Iterator[ApiProcess]:
    """One process for all tests that only look at what they made themselves."""
    with serving() as made:
        yield made


@pytest.fixture(scope="module")
def module_api(serving: Callable[[], AbstractContextManager[ApiProcess]]) -> Iterator[ApiProcess]:
    """One process for the tests of a module, which may spoil its database."""
    with serving() as made:
        yield made


@pytest.fixture(scope="session")
def serving(
    management_postgres: Postgres,
    dead_kubeconfig: Path,
    api_at: Callable[[dict[str, str]], AbstractContextManager[ApiProcess]],
) -> Callable[[], AbstractContextManager[ApiProcess]]:
    """Runs a process with a database of its own."""

    @contextmanager
    def run() -> Iterator[ApiProcess]:
        name = f"shared_{secrets.token_hex(4)}"
        url = management_postgres.create_database(name)
        with api_at(_environment(url, dead_kubeconfig)) as process:
            yield process
        management_postgres.drop_database(name)

    return run


def _environment(database_url: str, kubeconfig: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "DATABASE_URL": database_url,
        "JWT_SECRET": secrets.token_urlsafe(48),
        "ENCRYPTION_SECRET": secrets.token_urlsafe(48),
        "ALLOW_SIGNUP": "true",
        "DOMAIN_BASE": "projects.test",
        "DOMAIN_STUDIO_URL": "https://studio.test",
        "KUBECONFIG": str(kubeconfig),
        # Every test comes from this one address.
        "RATE_LIMITS": json.dumps(
            {name: [1000, 0.01] for name in ratelimits.RULES if name.endswith("-address")}
        ),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
