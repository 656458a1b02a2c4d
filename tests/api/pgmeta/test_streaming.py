"""Large answers, long queries, and clients and services that go away."""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from asking import eventually
from supamanager_dev.plainhttp import NO_TLS

MEGABYTE = 1024 * 1024
LARGE = "SELECT repeat('x', 10 * 1024 * 1024) AS x"


def _resident(pid: int, field: str = "VmRSS") -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise AssertionError(field)


def _running(database, mark: str) -> list[list[str]]:
    return database.sql(
        f"SELECT pid FROM pg_stat_activity WHERE query LIKE '%{mark}%' AND state = 'active'"
        " AND pid <> pg_backend_pid()"
    )


def _open(place, text: str, **body: object) -> socket.socket:
    """A request for a query whose answer nobody has read yet."""
    place_ = urlsplit(place.api.url)
    content = json.dumps({"query": text, **body}).encode()
    connection = socket.create_connection((place_.hostname, place_.port))
    connection.sendall(
        f"POST {place.url}/query HTTP/1.1\r\nHost: api\r\n"
        f"Authorization: {place.owner.client.headers['Authorization']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n".encode()
        + content
    )
    return connection


def test_a_result_of_ten_megabytes_passes_through(place, figure: Callable[[str], None]):
    """Eight at once, read slowly: the API holds none of them."""
    place.rows(LARGE)
    before = _resident(place.api.pid)
    peak, done = before, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.01):
            peak = max(peak, _resident(place.api.pid))

    def read(_: int) -> int:
        size = 0
        request = place.owner.client.build_request(
            "POST", f"{place.url}/query", json={"query": LARGE}
        )
        with httpx.Client(timeout=120, verify=NO_TLS) as client:
            answer = client.send(request, stream=True)
            assert answer.status_code == 200
            for chunk in answer.iter_raw(64 * 1024):
                size += len(chunk)
            answer.close()
        return size

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(8) as pool:
        sizes = list(pool.map(read, range(8)))
    done.set()
    watcher.join()
    assert all(size > 10 * MEGABYTE for size in sizes)
    figure(f"{(peak - before) / MEGABYTE:.1f} MiB more while 8 of 10 MiB passed through")
    assert peak - before < 10 * MEGABYTE


def test_a_client_that_does_not_read_holds_up_nobody_else(place):
    with closing(_open(place, LARGE)):
        before = _resident(place.api.pid)
        assert place.rows("SELECT 1 AS one") == [{"one": 1}]
        assert _resident(place.api.pid) - before < 5 * MEGABYTE


def test_a_query_whose_client_goes_away_is_cancelled_and_no_other(place, database):
    left, kept = secrets.token_hex(8), secrets.token_hex(8)
    with closing(_open(place, f"SELECT pg_sleep(45), '{kept}'")):
        with closing(_open(place, f"SELECT pg_sleep(45), '{left}'")):
            eventually(lambda: _running(database, left) and _running(database, kept))
        eventually(lambda: not _running(database, left))
        assert _running(database, kept)
    eventually(lambda: not _running(database, kept))


def test_a_client_that_goes_away_in_the_middle_of_an_answer_is_no_failure(place):
    for _ in range(3):
        with closing(_open(place, LARGE)) as connection:
            assert connection.recv(1024).startswith(b"HTTP/1.1 200")
    assert place.rows("SELECT 1 AS one") == [{"one": 1}]
    assert "Traceback" not in place.api.logs
    assert "a request failed" not in place.api.logs


def test_a_query_without_limit_is_cancelled_too(place, database):
    mark = secrets.token_hex(8)
    text = f"SELECT pg_sleep(600), '{mark}'"
    with closing(_open(place, text, disable_statement_timeout=True)):
        eventually(lambda: _running(database, mark))
    eventually(lambda: not _running(database, mark))


def test_a_read_only_members_query_is_cancelled_in_their_role(place, database):
    mark = secrets.token_hex(8)
    with place.member("Read-only") as client:
        with pytest.raises(httpx.ReadTimeout):
            client.post(
                f"{place.url}/query",
                json={"query": f"SELECT pg_sleep(45), '{mark}'"},
                timeout=httpx.Timeout(30, read=2),
            )
        eventually(lambda: not _running(database, mark))


def test_statements_end_after_their_time_unless_it_is_asked_otherwise(place):
    show = "SHOW statement_timeout"
    assert place.rows(show) == [{"statement_timeout": "50s"}]
    unlimited = place.query(show, disable_statement_timeout=True)
    assert unlimited.json() == [{"statement_timeout": "0"}]
    limited = place.query(show, disable_statement_timeout=False)
    assert limited.json() == [{"statement_timeout": "50s"}]
    ended = place.query("SET statement_timeout = '100ms'; SELECT pg_sleep(5)")
    assert (ended.status_code, ended.json()["code"]) == (400, "57014")


def test_time_outs_in_the_query_reach_postgres_meta(place):
    answer = place.owner.client.post(
        f"{place.url}/query?queryTimeoutSecs=0.2", json={"query": "SELECT pg_sleep(3)"}
    )
    assert (answer.status_code, answer.json()["message"]) == (408, "Query read timeout")


def test_the_name_of_the_application_is_passed_on(place):
    answer = place.owner.client.post(
        f"{place.url}/query",
        json={"query": "SHOW application_name"},
        headers={"x-pg-application-name": "supabase/dashboard"},
    )
    assert answer.json()[0]["application_name"].startswith("supabase/dashboard ")
    strange = place.owner.client.post(
        f"{place.url}/query",
        json={"query": "SHOW application_name"},
        headers={"x-pg-application-name": "'; DROP TABLE x; --" * 10},
    )
    assert strange.json()[0]["application_name"].startswith("supamanager ")


def test_sql_of_three_megabytes_is_taken_and_more_is_not(place):
    text = "SELECT 1 AS one --" + "x" * (3 * MEGABYTE - 200)
    assert place.query(text).json() == [{"one": 1}]
    client = place.owner.client
    body = b'{"query": "' + b"x" * 3 * MEGABYTE + b'"}'
    headers = {"content-type": "application/json"}
    answers = [
        client.post(f"{place.url}/query", content=body, headers=headers),
        client.post(f"{place.url}/query", content=iter([body]), headers=headers),
    ]
    for answer in answers:
        assert answer.status_code == 413, answer.text
        assert "bytes" in answer.json()["message"]


def test_while_postgres_meta_is_away_it_is_said_so(place, meta):
    meta.stop()
    try:
        answer = place.query("SELECT 1")
        assert answer.status_code == 503
        assert answer.json()["message"].startswith("The project's meta does not answer")
        assert answer.headers["retry-after"]
    finally:
        meta.start()
    assert place.rows("SELECT 1 AS one") == [{"one": 1}]


def test_a_postgres_meta_that_ends_meanwhile_is_an_error_at_once(place, database, meta):
    mark = secrets.token_hex(8)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(place.query, f"SELECT pg_sleep(40), '{mark}'")
        eventually(lambda: _running(database, mark))
        started = time.monotonic()
        meta.supervisor.stop("postgres-meta", number=9)
        answer = waiting.result(30)
    meta.start()
    assert answer.status_code == 503
    assert time.monotonic() - started < 20


def test_the_database_that_is_away_is_told_by_postgres_meta(place, database):
    """Its body and status reach the client as they are."""
    other = place.owner.create()
    place.give_database(other, database, port=9)
    answer = place.owner.client.post(f"/platform/pg-meta/{other}/query", json={"query": "SELECT 1"})
    assert answer.status_code == 400
    assert "ECONNREFUSED" in answer.text
