from __future__ import annotations

import httpx
import pytest

import described
from supamanager_api.http import requests


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/readyz", "/platform/profile"])
async def test_every_answer_says_that_it_is_not_to_be_kept_run_or_framed(
    client: httpx.AsyncClient, path: str
):
    answer = await client.get(path)
    for name, value in requests.HEADERS.items():
        assert answer.headers[name] == value, answer.status_code
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json",
             "text/json", "application/jsonx"],
)  # fmt: skip
async def test_a_body_that_is_not_json_is_refused(client: httpx.AsyncClient, kind: str):
    for path, key in (("/platform/signup", "message"), ("/auth/v1/token", "msg")):
        headers = {"Content-Type": kind} if kind else {}
        answer = await client.post(
            path, content=b'{"email": "a", "password": "b"}', headers=headers
        )
        assert answer.status_code == 415, answer.text
        assert "application/json" in answer.json()[key]


async def test_no_operation_takes_a_body_of_another_kind_than_is_described(
    client: httpx.AsyncClient,
):
    taking = {
        (method, path): set(operation["requestBody"]["content"])
        for path, operations in described.document()["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation
    }
    assert {("post", "/pg/query"), ("post", "/platform/pg-meta/{ref}/tables")} < set(taking)
    forms = [path for (_, path), kinds in taking.items() if kinds != {"application/json"}]
    assert forms == ["/auth/v1/verify/link"]
    for (method, path), kinds in taking.items():
        others = {"text/plain", "application/x-www-form-urlencoded", "application/json"} - kinds
        for kind in sorted(others):
            answer = await client.request(
                method, path, content=b'{"query": "SELECT 1"}', headers={"Content-Type": kind}
            )
            assert answer.status_code == 415, (method, path, answer.text)


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8",
             "Application/JSON;charset=UTF-8", "application/problem+json"],
)  # fmt: skip
async def test_json_is_read_under_all_its_names(client: httpx.AsyncClient, kind: str):
    answer = await client.post(
        "/platform/signup", content=b'{"email": "a"}', headers={"Content-Type": kind}
    )
    assert answer.status_code == 400
    assert "body.password" in answer.json()["message"]


async def test_chunks_of_another_kind_are_refused(client: httpx.AsyncClient):
    async def chunks():
        yield b"{"
        yield b"}"

    answer = await client.post("/platform/signup", content=chunks())
    assert answer.status_code == 415
