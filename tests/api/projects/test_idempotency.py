"""`Idempotency-Key`: a request that is sent again is done once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from asking import eventually, new_owner

KEY = "Idempotency-Key"


def ask(owner, key: str, **body):
    wish = {"name": "Mars", "organization_slug": owner.slug, "cloud_provider": "K8S", **body}
    return owner.client.post("/platform/projects", json=wish, headers={KEY: key})


def refs(owner) -> list[str]:
    listed = owner.client.get("/platform/projects").json()
    return sorted(each["ref"] for each in listed)


def test_the_same_request_is_done_once(owner, rows):
    first = ask(owner, "once", db_pass="Geheim-Geheim-1")
    again = ask(owner, "once", db_pass="Geheim-Geheim-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    other = ask(owner, "once", db_pass="Geheim-Geheim-2")
    assert other.status_code == 422
    assert KEY in other.json()["message"]
    assert ask(owner, "twice").json()["ref"] != first.json()["ref"]
    assert len(refs(owner)) == 2
    kept = rows("SELECT * FROM idempotency_key")
    assert len(kept) == 2
    assert "Geheim" not in str(kept)


def test_a_key_is_its_accounts_own(owner, api):
    with new_owner(api) as other:
        made = {ask(owner, "k").json()["ref"], ask(other, "k").json()["ref"]}
    assert len(made) == 2


def test_of_many_at_once_at_two_processes_one_is_done(owner, api_process):
    second = api_process()
    with second.client(owner.client.headers["Authorization"].split()[1]) as client:
        clients = [owner.client, client] * 4

        def send(client):
            wish = {"name": "Mars", "organization_slug": owner.slug}
            return client.post("/platform/projects", json=wish, headers={KEY: "race"})

        with ThreadPoolExecutor(len(clients)) as pool:
            answers = list(pool.map(send, clients))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert refs(owner) == [answers[0].json()["ref"]]


def test_of_two_at_once_that_fit_once_both_get_the_answer(api_process):
    quota = json.dumps({"projects": 1})
    first, second = (api_process(ORGANIZATION_QUOTA=quota) for _ in range(2))
    for turn in range(4):
        with ExitStack() as stack:
            owner = stack.enter_context(new_owner(first))
            token = owner.client.headers["Authorization"].split()[1]
            clients = [owner.client, stack.enter_context(second.client(token))] * 2
            ready = threading.Barrier(len(clients))

            def send(client, slug=owner.slug, key=f"turn-{turn}", ready=ready):
                ready.wait()
                wish = {"name": "Mars", "organization_slug": slug}
                return client.post("/platform/projects", json=wish, headers={KEY: key})

            with ThreadPoolExecutor(len(clients)) as pool:
                answers = list(pool.map(send, clients))
            assert [answer.status_code for answer in answers] == [201] * len(clients)
            assert len({answer.text for answer in answers}) == 1
            # Refused for the quota, a request leaves its key free.
            assert ask(owner, "another").status_code == 403
            ref = answers[0].json()["ref"]
            assert owner.client.delete(f"/platform/projects/{ref}").status_code == 200
            eventually(lambda owner=owner: ask(owner, "another").status_code == 201)


def test_a_key_is_forgotten_after_a_day(owner, management, rows):
    first = ask(owner, "old").json()["ref"]
    management.run("UPDATE idempotency_key SET created_at = now() - interval '25 hours'")
    assert ask(owner, "old", name="Venus").json()["ref"] != first
    management.run("UPDATE idempotency_key SET created_at = now() - interval '25 hours'")
    assert ask(owner, "new").status_code == 201
    assert [row["key"] for row in rows("SELECT key FROM idempotency_key")] == ["new"]


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
def test_a_key_that_cannot_be(owner, key: str):
    answer = ask(owner, key)
    assert answer.status_code == 400
    assert KEY in answer.json()["message"]
    assert refs(owner) == []


def test_a_refused_request_does_not_use_its_key_up(owner):
    assert ask(owner, "again", region="nowhere").status_code == 400
    assert ask(owner, "again").status_code == 201
