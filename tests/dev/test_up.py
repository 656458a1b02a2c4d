"""What `up` shows and how it ends, with stand-ins for the processes it starts."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from rich.console import Console

from supamanager_dev import __main__, display, up
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.errors import ProgramFailed
from supamanager_dev.managementapi import Access, ManagementApi, ProjectState


def state(status: str, reason: str, **services: str) -> dict[str, Any]:
    """A status as the API answers it; a service that is not `Available` is not ready."""
    return {
        "status": status,
        "reason": reason,
        "message": f"{reason} it is",
        "summary": f"{list(services.values()).count('Available')}/{len(services)}",
        "components": [
            {"name": name, "status": str(why == "Available"), "reason": why, "message": ""}
            for name, why in services.items()
        ],
    }


STARTING = state("COMING_UP", "Starting", database="Available", auth="ImagePullBackOff")
ACTIVE = state("ACTIVE_HEALTHY", "Active", database="Available", auth="Available")


class Api(BaseHTTPRequestHandler):
    states: ClassVar[list[dict[str, Any]]]
    asked: ClassVar[list[tuple[str, str, Any, str | None]]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(("POST", self.path, body, self.headers["Authorization"]))
        answers = {
            "/platform/signup": (201, {}),
            "/platform/auth/login": (200, {"access_token": "a-token"}),
            "/platform/organizations": (201, {"id": 1, "slug": "the-slug"}),
            "/platform/projects": (201, {"ref": "abcdefghijklmnopqrst", "status": "COMING_UP"}),
        }
        self._answer(*answers[self.path])

    def do_GET(self) -> None:
        self.asked.append(("GET", self.path, None, self.headers["Authorization"]))
        if self.path.endswith("/settings"):
            keys = [
                {"name": "anon", "tags": "anon", "api_key": "anon-value"},
                {"name": "service_role", "tags": "service_role", "api_key": "service-value"},
            ]
            config = {"endpoint": "abc.example.test", "protocol": "http"}
            self._answer(200, {"app_config": config, "service_api_keys": keys})
        else:
            self._answer(200, self.states.pop(0) if len(self.states) > 1 else self.states[0])

    def _answer(self, code: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


class Plane(ControlPlane):
    """A control plane that was not started."""

    @property
    def admin_kubeconfig(self) -> Path:
        return Path("/where/admin.kubeconfig")


class Product(SimpleNamespace):
    """Stands for two healthy processes."""

    def check(self) -> None:
        pass

    def log_tail(self, name: str) -> str:
        return f"{name} said this"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Api]]:
    handler = type("Handler", (Api,), {"states": [STARTING, ACTIVE], "asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        product = Product(api_url=f"http://127.0.0.1:{server.server_port}")
        stack = SimpleNamespace(cluster=Plane(), product=product)
        monkeypatch.setattr(up, "_start", lambda _console, _resources, _kubeconfig: stack)
        yield handler
        server.shutdown()
        thread.join()


def test_once_ends_with_the_seconds_in_the_last_line(
    api: type[Api], capsys: pytest.CaptureFixture[str]
):
    assert __main__.main(["up", "--once"]) == 0
    shown = capsys.readouterr().out
    last = shown.splitlines()[-1]
    assert last.startswith("active_seconds: ")
    assert 0 <= float(last.partition(": ")[2]) < 10
    assert "Starting 1/2  waiting for auth" in shown
    assert "Active 2/2" in shown
    assert "no container runs" in shown
    assert "make kind" in shown
    for line in (
        "Kubernetes:  export KUBECONFIG=/where/admin.kubeconfig",
        "Project:     abcdefghijklmnopqrst  http://abc.example.test",
        "anon key:    anon-value",
        "service key: service-value",
    ):
        assert line in shown.splitlines()


@pytest.mark.usefixtures("capsys")
def test_it_goes_through_http_as_a_signed_in_account(api: type[Api]):
    __main__.main(["up", "--once"])
    by_path = {path: (body, token) for _, path, body, token in api.asked}
    assert by_path["/platform/signup"][0] == by_path["/platform/auth/login"][0]
    created, token = by_path["/platform/projects"]
    assert token == "Bearer a-token"
    assert created["organization_slug"] == "the-slug"
    assert created["cloud_provider"] == "K8S"
    assert len(created["db_pass"]) >= 24


def test_no_project_in_time_is_a_failure_that_says_why(
    api: type[Api], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    api.states = [STARTING]
    monkeypatch.setattr(up, "PATIENCE", 0.3)
    assert __main__.main(["up", "--once"]) == 1
    shown = capsys.readouterr()
    assert "active_seconds" not in shown.out
    assert "COMING_UP, Starting: Starting it is" in shown.err
    assert "auth: ImagePullBackOff" in shown.err
    assert "operator said this" in shown.err
    assert "api said this" in shown.err


@pytest.mark.usefixtures("api")
def test_a_process_that_ended_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def ended(_self: Product) -> None:
        raise ProgramFailed("operator", 1, "it could not read its settings")

    monkeypatch.setattr(Product, "check", ended)
    assert __main__.main(["up"]) == 1
    assert "it could not read its settings" in capsys.readouterr().err


def test_an_api_that_does_not_answer_is_a_failure(
    api: type[Api], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def hang_up(self: Api) -> None:
        self.close_connection = True

    monkeypatch.setattr(api, "do_GET", hang_up)
    assert __main__.main(["up", "--once"]) == 1
    assert "no answer" in capsys.readouterr().err


def test_an_error_of_the_api_is_told_with_its_text(api: type[Api], monkeypatch: pytest.MonkeyPatch):
    def refuse(self: Api) -> None:
        self._answer(403, {"message": "sign-ups are closed"})

    monkeypatch.setattr(api, "do_POST", refuse)
    with pytest.raises(up.NoProject, match=r"POST /platform/signup: 403 .*sign-ups are closed"):
        up.run(Console(file=StringIO()), once=True)


def test_the_table_shows_every_service_with_its_reason():
    console = Console(file=StringIO(), width=80)
    console.print(display.services("demo", ProjectState.read(STARTING), 1.23))
    head, _, database, auth, *_ = console.file.getvalue().splitlines()
    assert head.split() == ["demo", "Starting", "1/2", "1.2", "s"]
    assert database.split() == ["database", "yes", "Available"]
    assert auth.split() == ["auth", "no", "ImagePullBackOff"]


def test_a_project_without_keys_yet_is_shown_without():
    access = Access.read({"app_config": None, "service_api_keys": []})
    assert access == Access(url="", anon_key="", service_role_key="")


def test_a_client_closes_its_connections(api: type[Api]):
    api.states = [ACTIVE]
    with ManagementApi(up._start(None, None, None).product.api_url) as client:
        assert client.state("abc").active
    with pytest.raises(RuntimeError, match="closed"):
        client.state("abc")
