"""The strength of passwords, as Studio's 2024 generation asks for it."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def client(api):
    with api.client(api.new_account("beatrix.kiddo@example.test").token) as client:
        yield client


@pytest.mark.parametrize(
    ("password", "score"),
    [
        ("password", 0),
        ("P@ssw0rd", 0),
        ("beatrix.kiddo", 0),
        ("summer2026!", 2),
        ("kX9#vLq2!mZ8pR", 4),
        ("a" * 1024, 0),
        ("correct horse battery staple", 4),
    ],
)
def test_the_score(client, api, password, score):
    for path in ("/platform/profile/password-check", "/profile/password-check"):
        answer = client.post(path, json={"password": password})
        assert answer.status_code == 200, answer.text
        result = answer.json()["result"]
        assert result["score"] == score
        assert isinstance(result["feedback"]["warning"], str)
        assert (result["feedback"]["suggestions"] == []) is (score > 2)


def test_no_password_is_kept_in_the_log(client, api):
    client.post("/platform/profile/password-check", json={"password": "kX9#vLq2!mZ8pR"})
    assert "password-check" in api.logs
    assert "kX9#vLq2" not in api.logs


def test_it_takes_no_time(client):
    """Signs that stand for letters in many ways are the worst case."""
    worst = "<2/9$!&%5|(7!!<$467+0</+" * 40
    answer = client.post("/platform/profile/password-check", json={"password": worst})
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() < 10


def test_who_may_not_ask(api, client):
    path = "/platform/profile/password-check"
    with api.client() as nobody:
        assert nobody.post(path, json={"password": "x"}).status_code == 401
    for body in ({}, {"password": None}, {"password": ""}, {"password": "x" * 1025}):
        answer = client.post(path, json=body)
        assert answer.status_code == 400
        assert "x" * 20 not in answer.text
