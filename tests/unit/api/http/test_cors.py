from __future__ import annotations

import httpx
import pytest

from supamanager_api.http import cors

STUDIO = "https://studio.example.com"
FOREIGN = (
    "https://evil.example.com",
    "http://studio.example.com",
    "https://studio.example.com:8443",
    "https://studio.example.com.evil.com",
    "https://STUDIO.example.com",
    "null",
    "",
)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://studio.example.com", "https://studio.example.com"),
        ("https://Studio.Example.com/path?x#y", "https://studio.example.com"),
        ("https://studio.example.com:443/", "https://studio.example.com"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("http://host:443", "http://host:443"),
    ],
)
def test_origin(url: str, origin: str):
    assert cors.origin_of(url) == origin


@pytest.mark.parametrize("method", cors.METHODS)
async def test_preflight_of_studio(client: httpx.AsyncClient, method: str):
    answer = await client.options(
        "/platform/profile",
        headers={
            "Origin": STUDIO,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "Authorization, content-type,x-request-id, version,"
            "x-connection-encrypted,x-pg-application-name,x-client-info,x-supabase-api-version,"
            "last-event-id",
        },
    )
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == STUDIO
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")
    listed = answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"authorization", "content-type", "accept", "version", "x-request-id"} <= set(listed)
    assert "last-event-id" in listed
    assert "*" not in answer.headers["Access-Control-Allow-Headers"]
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_preflight_of_others(client: httpx.AsyncClient, origin: str):
    answer = await client.options(
        "/platform/profile",
        headers={"Origin": origin, "Access-Control-Request-Method": "GET"},
    )
    assert answer.status_code == 403
    assert answer.json()["message"]
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "headers",
    [
        {"Access-Control-Request-Method": "TRACE"},
        {
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "x-forwarded-for",
        },
    ],
)
async def test_preflight_of_what_nobody_sends(client: httpx.AsyncClient, headers: dict[str, str]):
    answer = await client.options("/platform/profile", headers={"Origin": STUDIO, **headers})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/platform/profile"])
async def test_answers_to_studio(client: httpx.AsyncClient, path: str):
    answer = await client.get(path, headers={"Origin": STUDIO})
    assert answer.headers["Access-Control-Allow-Origin"] == STUDIO
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
    assert exposed >= {"ETag", "Retry-After", "X-Total-Count", "X-RateLimit-Reset"}


@pytest.mark.parametrize("origin", FOREIGN)
async def test_answers_to_others(client: httpx.AsyncClient, origin: str):
    answer = await client.get("/healthz", headers={"Origin": origin})
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert "Origin" in answer.headers["Vary"]


async def test_an_internal_error_can_be_read_by_studio(client: httpx.AsyncClient):
    answer = await client.get("/readyz", headers={"Origin": STUDIO})
    assert answer.status_code == 500
    assert answer.headers["Access-Control-Allow-Origin"] == STUDIO
