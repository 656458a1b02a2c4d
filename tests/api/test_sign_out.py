from __future__ import annotations

import httpx
import pytest


def sessions(api, count: int) -> list[dict[str, str]]:
    account = api.new_account()
    body = {"email": account.email, "password": account.password}
    made = [account.session]
    with api.client() as client:
        for _ in range(count - 1):
            made.append(client.post("/platform/auth/login", json=body).json())
    return made


def alive(api, session: dict[str, str]) -> bool:
    """Whether the session's two tokens work; they never disagree."""
    with api.client(session["access_token"]) as client:
        access = client.get("/auth/v1/user").status_code == 200
        refresh = client.post(
            "/auth/v1/token?grant_type=refresh_token",
            json={"refresh_token": session["refresh_token"]},
        )
    assert access == (refresh.status_code == 200)
    return access


def sign_out(api, session: dict[str, str], query: str, prefix: str = "/auth/v1") -> httpx.Response:
    with api.client(session["access_token"]) as client:
        return client.post(f"{prefix}/logout{query}")


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", [False, False, False]),
        ("?scope=global", [False, False, False]),
        ("?scope=local", [False, True, True]),
        ("?scope=others", [True, False, False]),
    ],
)
@pytest.mark.parametrize("prefix", ["/auth/v1", "/auth"])
def test_scopes(api, query: str, left: list[bool], prefix: str):
    stranger = api.new_account()
    made = sessions(api, 3)
    answer = sign_out(api, made[0], query, prefix)
    assert (answer.status_code, answer.content) == (204, b"")
    assert [alive(api, session) for session in made] == left
    assert alive(api, stranger.session)


def test_an_unknown_scope(api):
    session = api.new_account().session
    answer = sign_out(api, session, "?scope=everything")
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "validation_failed"
    assert alive(api, session)


def test_twice(api):
    session = api.new_account().session
    assert sign_out(api, session, "?scope=local").status_code == 204
    answer = sign_out(api, session, "?scope=local")
    assert (answer.status_code, answer.json()["error_code"]) == (403, "session_not_found")


def test_another_process_knows_at_once(api_process):
    first, second = api_process(), api_process()
    session = first.new_account().session
    assert alive(second, session)
    assert sign_out(first, session, "").status_code == 204
    assert not alive(second, session)
