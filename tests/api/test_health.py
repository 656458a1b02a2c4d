from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest


@pytest.fixture
def postgres(management_postgres) -> Iterator[object]:
    """The server, running again after the test whatever the test did to it."""
    yield management_postgres
    management_postgres.restart()


def wait_for(api, path: str, status: int, seconds: float = 20.0) -> httpx.Response:
    deadline = time.monotonic() + seconds
    with api.client() as client:
        while True:
            answer = client.get(path)
            if answer.status_code == status or time.monotonic() > deadline:
                assert answer.status_code == status, answer.text
                return answer
            time.sleep(0.1)


def test_healthy_while_the_cluster_is_away(api):
    """The kubeconfig of these tests leads to nowhere."""
    with api.client() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").status_code == 200
        status = client.get("/status")
        assert status.status_code == 200
        assert status.json()["is_healthy"] is True


def test_postgresql_is_restarted(own_api, postgres):
    account = own_api.new_account()
    with own_api.client(account.token) as client:
        for _ in range(3):
            postgres.restart()
            wait_for(own_api, "/readyz", 200)
            assert client.get("/auth/v1/user").status_code == 200
            made = client.post("/platform/organizations", json={"name": "After"})
            assert made.status_code == 201
    assert own_api.process is not None
    assert own_api.process.poll() is None


def test_postgresql_is_away(own_api, postgres):
    account = own_api.new_account()
    postgres.stop()
    with own_api.client(account.token) as client:
        assert client.get("/healthz").status_code == 200
        away = wait_for(own_api, "/readyz", 503)
        assert away.json() == {"message": "The database does not answer; try again"}
        assert away.headers["Retry-After"]
        status = client.get("/status")
        assert (status.status_code, status.json()["is_healthy"]) == (200, False)
        assert client.get("/metrics").status_code == 200
        for path, key in (("/platform/organizations", "message"), ("/auth/v1/user", "msg")):
            answer = client.get(path)
            assert answer.status_code == 503
            assert answer.json()[key] == "The database does not answer; try again"
        postgres.start()
        wait_for(own_api, "/readyz", 200)
        assert client.get("/platform/organizations").json() == []


def test_postgresql_comes_later(api_process, postgres):
    postgres.stop()
    api = api_process(wait=False)
    deadline = time.monotonic() + 30
    while "waiting for the database" not in api.logs and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "waiting for the database" in api.logs
    assert api.process.poll() is None
    postgres.start()
    api.wait_ready()


def test_a_database_that_refuses(api_process, api_environment: dict[str, str]):
    url = api_environment["DATABASE_URL"].rpartition("/")[0] + "/there-is-none"
    api = api_process(wait=False, DATABASE_URL=url)
    assert api.wait_ended() != 0
    assert "the database of DATABASE_URL refuses" in api.logs
    assert url not in api.logs


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("JWT_SECRET", "secret", "JWT_SECRET must have at least 32 characters; it has 6"),
        ("ENCRYPTION_SECRET", "", "ENCRYPTION_SECRET is missing"),
        ("KUBECONFIG", "/nowhere/kubeconfig", "no usable Kubernetes configuration"),
    ],
)
def test_a_start_that_fails(api_process, name: str, value: str, words: str):
    api = api_process(wait=False, forked=False, **{name: value})
    assert api.wait_ended() != 0
    assert words in api.logs


def test_a_secret_from_a_file(api_process, tmp_path: Path):
    path = tmp_path / "secret"
    path.write_text("kP3sW8zN1qL6vR0yT5uB9xC2fH7jM4dG\n")
    api = api_process(JWT_SECRET="", JWT_SECRET_FILE=str(path))
    assert api.new_account().token


def test_metrics(own_api):
    account = own_api.new_account()
    with own_api.client(account.token) as client:
        client.get("/organizations")
        client.get("/platform/organizations/unknown")
        client.get("/no/such/path")
        client.request("BREW", "/coffee")
        text = client.get("/metrics").text
    lines = [
        line for line in text.splitlines() if line.startswith("supamanager_api_requests_total")
    ]
    counted = {line.partition("{")[2].rpartition("}")[0]: float(line.split()[-1]) for line in lines}
    assert counted['code="201",method="POST",route="/platform/signup"'] == 1
    assert counted['code="200",method="GET",route="/platform/organizations"'] == 1
    assert counted['code="404",method="GET",route="/platform/organizations/{slug}"'] == 1
    assert counted['code="404",method="GET",route="unmatched"'] == 1
    assert counted['code="404",method="OTHER",route="unmatched"'] == 1
    assert "supamanager_api_request_seconds_bucket" in text
    assert account.token not in text


@pytest.mark.parametrize("forked", [False, True])
def test_a_planned_stop_is_quick(api_process, forked: bool):
    api = api_process(forked=forked)
    started = time.monotonic()
    api.process.terminate()
    assert api.wait_ended() in (0, -15)
    assert time.monotonic() - started < 5
    assert "Application shutdown complete" in api.logs


def test_memory_at_rest(api_process):
    api = api_process(forked=False)
    assert api.get("/status").status_code == 200
    status = Path(f"/proc/{api.pid}/status").read_text()
    (rest,) = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")]
    assert rest / 1024 < 100
