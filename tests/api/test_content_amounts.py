"""How much is kept about a project, and how much of it one answer tells."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

MIB = 2**20
PAGE = 4 * MIB


class Kept:
    """A project of its own at one process, and its owner."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        made = client.post("/platform/organizations", json={"name": "Hers"}).json()
        body = {"name": "Mars", "organization_slug": made["slug"], "cloud_provider": "K8S"}
        self.ref = client.post("/platform/projects", json=body).json()["ref"]
        self.path = f"/platform/projects/{self.ref}/content"

    def put(self, text: str = "", **body: Any) -> httpx.Response:
        whole = {"id": str(uuid.uuid4()), "name": "Query", "type": "sql", **body}
        return self.client.put(self.path, json={"content": {"sql": text}, **whole})

    def pages(self, path: str = "", **query: Any) -> Iterator[tuple[int, Any]]:
        cursor = ""
        while True:
            answer = self.client.get(f"{self.path}{path}", params={**query, "cursor": cursor})
            assert answer.status_code == 200, answer.text[:200]
            yield len(answer.content), answer.json()["data"]
            if not (cursor := answer.json().get("cursor", "")):
                return


@pytest.fixture
def keeping(api_process) -> Iterator[Callable[..., Kept]]:
    with ExitStack() as stack:

        def start(api: Any = None, **quota: Any) -> Kept:
            api = api or api_process(CONTENT_QUOTA=json.dumps(quota))
            return Kept(stack.enter_context(api.client(api.new_account().token)))

        yield start


async def fill(url: str, ref: str, *, items: int, size: int) -> None:
    """As many PUT would."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "INSERT INTO content (id, project_id, owner_id, name, type, visibility, content) "
            "SELECT gen_random_uuid(), p.id, a.id, 'Item ' || n, 'sql', 'project', "
            "jsonb_build_object('sql', repeat('x', $3)) "
            "FROM project p, generate_series(1, $2) n, (SELECT min(id) AS id FROM accounts) a "
            "WHERE p.project_ref = $1",
            ref,
            items,
            size,
        )
    finally:
        await connection.close()


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("by", ["name", "inserted_at"])
def test_a_page_ends_by_bytes_too(keeping, api, by: str, order: str):
    kept = keeping(api)
    for number in range(9):
        answer = kept.put("x" * 900_000, name=f"{number}")
        assert answer.status_code == 200, answer.text
    small = kept.put(name="small").json()
    told = list(kept.pages(sort_by=by, sort_order=order))
    assert [len(items) for _, items in told] in ([4, 4, 2], [5, 4, 1])
    assert max(size for size, _ in told) < PAGE + 10_000
    names = [item["name"] for _, items in told for item in items]
    assert names == sorted(names, reverse=order == "desc")
    assert len(set(names)) == 10
    # Names alone are little, whatever the items hold.
    ((_, folder),) = kept.pages("/folders")
    assert len(folder["contents"]) == 10
    # By rows as before.
    assert [len(items) for _, items in kept.pages(limit=3)] == [3, 3, 3, 1]
    assert kept.client.get(f"{kept.path}/item/{small['id']}").json() == small


async def test_an_item_larger_than_a_page_is_a_page(keeping, own_api):
    kept = keeping(own_api)
    url = own_api.environment["DATABASE_URL"]
    await fill(url, kept.ref, items=2, size=5 * MIB)
    assert [len(items) for _, items in kept.pages()] == [1, 1]


def test_items_and_bytes_of_a_project_and_of_an_account(keeping):
    kept = keeping(items=3, bytes="1Mi", own_items=2, own_bytes=None)
    small = kept.put("x").json()
    assert kept.put("x" * 600_000).status_code == 200
    refused = kept.put("x")
    assert (refused.status_code, refused.json()["message"]) == (
        403,
        "This is more than may be kept about a project (own_items: 3 of 2)",
    )
    assert kept.put("x" * 600_000, id=small["id"]).status_code == 403
    assert kept.client.get(f"{kept.path}/item/{small['id']}").json() == small
    # What does not grow is stored.
    assert kept.put("y", id=small["id"], name="Q", favorite=True).status_code == 200
    assert kept.client.delete(kept.path, params={"ids": small["id"]}).status_code == 200
    assert kept.put("x").status_code == 200


def test_of_many_at_once_as_many_are_kept_as_fit(keeping):
    kept = keeping(own_items=3)
    with ThreadPoolExecutor(8) as pool:
        codes = [answer.status_code for answer in pool.map(kept.put, ["x"] * 16)]
    assert sorted(codes) == [200] * 3 + [403] * 13


def test_folders_of_an_account(keeping):
    kept = keeping(own_folders=2)
    with ThreadPoolExecutor(4) as pool:
        codes = pool.map(
            lambda name: kept.client.post(f"{kept.path}/folders", json={"name": name}).status_code,
            "abcdef",
        )
    assert sorted(codes) == [201] * 2 + [403] * 4


def test_what_becomes_large_only_where_it_is_stored_is_refused(keeping, api):
    kept = keeping(api)
    answer = kept.put(content={"a": [1e308] * 100_000})
    assert answer.status_code == 400, answer.text
    assert "content: takes more than" in answer.json()["message"]
    assert kept.client.get(kept.path).json() == {"data": []}


def memory(pid: int, line: str) -> int:
    """Bytes that the process has, `VmRSS`, or had at most, `VmHWM`."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition(f"{line}:")[2].split()[0]) * 1024


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


@contextmanager
def watched(url: str) -> Iterator[list[float]]:
    """Seconds that each of many requests to /healthz took meanwhile."""
    taken: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            begun = time.monotonic()
            httpx.get(f"{url}/healthz", timeout=30)
            taken.append(time.monotonic() - begun)
            time.sleep(0.02)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield taken
    finally:
        over.set()
        thread.join()


async def test_one_list_takes_little_memory_and_time(keeping, api_process, figure):
    api = api_process(forked=False)
    kept = keeping(api)
    await fill(api.environment["DATABASE_URL"], kept.ref, items=250, size=MIB - 1024)
    kept.client.get(f"{kept.path}/count")
    forget_peak(api.pid)
    before = memory(api.pid, "VmRSS")
    with watched(api.url) as waited:
        told = list(kept.pages())
    grown = memory(api.pid, "VmHWM") - before
    assert sum(len(items) for _, items in told) == 250
    figure(
        f"a list of 250 MiB: {len(told)} pages, {grown / MIB:.0f} MiB more at the peak, "
        f"/healthz after {max(waited) * 1000:.0f} ms at most"
    )
    assert grown < 48 * MIB
