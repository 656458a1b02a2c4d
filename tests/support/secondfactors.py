"""Second factors, as the browser sets them up and shows them."""

from __future__ import annotations

import time
from typing import Any

import httpx

from supamanager_api.accounts import totp


def enrol(client: httpx.Client, name: str = "phone") -> dict[str, Any]:
    answer = client.post("/auth/v1/factors", json={"factor_type": "totp", "friendly_name": name})
    assert answer.status_code == 200, answer.text
    return answer.json()


def code(factor: dict[str, Any], ahead: int = 0) -> str:
    return totp.code(factor["totp"]["secret"], int(time.time()) // totp.PERIOD + ahead)


def challenge(client: httpx.Client, factor: dict[str, Any]) -> str:
    answer = client.post(f"/auth/v1/factors/{factor['id']}/challenge", json={})
    assert answer.status_code == 200, answer.text
    assert answer.json()["expires_at"] > time.time()
    return answer.json()["id"]


def verify(
    client: httpx.Client, factor: dict[str, Any], given: str, challenge_id: str | None = None
) -> httpx.Response:
    body = {"challenge_id": challenge_id or challenge(client, factor), "code": given}
    return client.post(f"/auth/v1/factors/{factor['id']}/verify", json=body)


def sign_in(api: Any, account: Any) -> dict[str, Any]:
    with api.client() as client:
        body = {"email": account.email, "password": account.password}
        return client.post("/platform/auth/login", json=body).json()


def set_up(client: httpx.Client) -> dict[str, Any]:
    """Give the account a factor, and the client the session that has shown it; the factor."""
    factor = enrol(client)
    verified = verify(client, factor, code(factor))
    assert verified.status_code == 200, verified.text
    client.headers["Authorization"] = f"Bearer {verified.json()['access_token']}"
    return factor
