from __future__ import annotations

import logging
import uuid

import httpx
import pytest

from supamanager_api import errors
from supamanager_api.http import errors as http_errors
from supamanager_api.http import limits


@pytest.mark.parametrize("path", ["/nowhere", "/platform/nowhere", "/platform/profile/", "/auth/x"])
async def test_unknown_path(client: httpx.AsyncClient, path: str):
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json() == {"message": "Not Found"}


async def test_unknown_path_of_gotrue(client: httpx.AsyncClient):
    answer = await client.get("/auth/v1/identities")
    assert answer.status_code == 404
    assert answer.json() == {"code": 404, "error_code": "not_found", "msg": "Not Found"}


@pytest.mark.parametrize("path", ["/platform/signup", "/profile/permissions", "/healthz"])
async def test_wrong_method(client: httpx.AsyncClient, path: str):
    answer = await client.delete(path)
    assert answer.status_code == 405
    assert answer.json()["message"] == "Method Not Allowed"
    assert answer.headers["Allow"] in ("GET", "POST")


@pytest.mark.parametrize("authorization", [None, "", "x", "Bearer", "Bearer ", "Basic abc", "abc"])
@pytest.mark.parametrize(
    ("path", "key"), [("/platform/profile", "message"), ("/profile", "message"),
                      ("/auth/v1/user", "msg"), ("/auth/user", "msg")],
)  # fmt: skip
async def test_no_token(client: httpx.AsyncClient, path: str, key: str, authorization: str | None):
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.json()[key] == "This endpoint requires a Bearer token"


async def test_fields_are_named_and_values_are_not(client: httpx.AsyncClient):
    secret = "Sup3r-Secret"
    answer = await client.post("/platform/signup", json={"password": secret * 200})
    assert answer.status_code == 400
    assert "body.email: Field required" in answer.json()["message"]
    assert "body.password: " in answer.json()["message"]
    assert secret not in answer.text


@pytest.mark.parametrize("body", ["{", "[1", '{"email": "a@b.test", "password": "\0"', "\xff"])
async def test_broken_json(client: httpx.AsyncClient, body: str):
    headers = {"Content-Type": "application/json"}
    answer = await client.post("/platform/signup", content=body.encode("latin-1"), headers=headers)
    assert answer.status_code == 400
    assert answer.json()["message"]
    answer = await client.post(
        "/auth/v1/token?grant_type=password", content=body.encode("latin-1"), headers=headers
    )
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "bad_json"


async def test_a_text_that_postgresql_cannot_hold(client: httpx.AsyncClient):
    body = {"email": "a\0@b.test", "password": "x"}
    answer = await client.post("/platform/signup", json=body)
    assert answer.json() == {"message": "body.email: must not contain the character NUL"}


async def test_an_unexpected_failure_says_nothing(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.ERROR):
        answer = await client.get("/readyz")
    assert answer.status_code == 500
    assert answer.json() == {"message": "Internal server error"}
    assert "AttributeError" in caplog.text


async def test_a_body_too_large(client: httpx.AsyncClient):
    async def pieces():
        for _ in range(limits.LARGEST_BODY // 65536 + 1):
            yield b" " * 65536

    for content in (b" " * (limits.LARGEST_BODY + 1), pieces()):
        answer = await client.post("/platform/signup", content=content)
        assert answer.status_code == 413
        assert answer.json()["message"] == "The body has more than 1048576 bytes"


async def test_a_body_just_small_enough(client: httpx.AsyncClient):
    answer = await client.post(
        "/platform/signup",
        content=b" " * limits.LARGEST_BODY,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("given", ["a-b.c_1", "4793dbc7-95ab-4d08-adb2-cf1c9afa4ef1"])
async def test_the_request_id_is_echoed(client: httpx.AsyncClient, given: str):
    for path in ("/healthz", "/nowhere", "/readyz"):
        answer = await client.get(path, headers={"X-Request-Id": given})
        assert answer.headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "<script>"])
async def test_a_strange_request_id_is_replaced(client: httpx.AsyncClient, given: str):
    answer = await client.get("/healthz", headers={"X-Request-Id": given})
    assert uuid.UUID(answer.headers["X-Request-Id"])


def test_every_error_has_a_status():
    for kind in errors.ApiError.__subclasses__():
        assert kind in http_errors.STATUS
