"""The hook for DNS, which is a real HTTP server of the test."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from asking import eventually, new_owner

KEY = "the-key-of-the-hook"


class Hook(http.server.ThreadingHTTPServer):
    """Keeps what it is told; answers with `status`, or not at all while `silent`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.told: list[tuple[str, str, str]] = []
        self.keys: set[str | None] = set()
        self.status = 202
        self.silent = threading.Event()
        self.waiting = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def names(self, ref: str) -> list[tuple[str, str]]:
        return [(kind, name) for kind, name, told in self.told if told == ref]


class Handler(http.server.BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.keys.add(self.headers["X-Api-Key"])
        if self.server.silent.is_set():
            self.server.waiting.set()
            self.close_connection = True
            return
        if self.server.status < 300:
            self.server.told.append((body["type"], body["hostname"], body["project_ref"]))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def api_environment(api_environment: dict[str, str], hook: Hook) -> dict[str, str]:
    return {
        **api_environment,
        "DOMAIN_DNS_HOOK_URL": hook.url,
        "DOMAIN_DNS_HOOK_KEY": KEY,
    }


def words(kind: str, ref: str) -> list[tuple[str, str]]:
    return [(kind, f"{ref}.projects.test"), (kind, f"db.{ref}.projects.test")]


def test_names_come_and_go_once_among_two_processes(owner, api, api_process, hook: Hook, cluster):
    second = api_process()
    refs = [owner.create() for _ in range(3)]
    for ref in refs:
        eventually(lambda ref=ref: hook.names(ref) == words("CREATE", ref))
    assert hook.keys == {KEY}
    # A host of its own is its owner's affair.
    cluster.apply("own-host", {"http": {"host": "shop.example.com"}})
    owner.client.delete(f"/platform/projects/{refs[0]}")
    eventually(lambda: hook.names(refs[0]) == words("CREATE", refs[0]) + words("DELETE", refs[0]))
    assert hook.names(refs[1]) == words("CREATE", refs[1])
    assert not [name for _, name, _ in hook.told if "example.com" in name]
    assert KEY not in api.logs + second.logs


def test_what_is_refused_is_repeated(owner, hook: Hook, rows):
    hook.status = 500
    ref = owner.create()
    eventually(lambda: rows("SELECT 1 FROM dns_record WHERE attempt > 0 AND claimed_until IS NULL"))
    hook.status = 202
    eventually(lambda: hook.names(ref) == words("CREATE", ref))


@pytest.mark.long
def test_a_process_that_dies_leaves_its_word_to_the_next(api_process, hook: Hook):
    first = api_process()
    with new_owner(first) as owner:
        hook.silent.set()
        ref = owner.create()
        assert hook.waiting.wait(40)
        first.kill()
    hook.silent.clear()
    assert hook.names(ref) == []
    heirs = [api_process(wait=False) for _ in range(2)]
    for heir in heirs:
        heir.wait_ready()
    eventually(lambda: hook.names(ref) == words("CREATE", ref))


def test_a_hook_without_a_key_stops_the_start(api_process):
    api = api_process(wait=False, DOMAIN_DNS_HOOK_KEY="")
    assert api.wait_ended() != 0
    assert "DOMAIN_DNS_HOOK_URL needs DOMAIN_DNS_HOOK_KEY" in api.logs
