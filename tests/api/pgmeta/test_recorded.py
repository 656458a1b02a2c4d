"""What the audit log says of SQL that members run."""

from __future__ import annotations

import json
import re
import secrets

import pytest

HEADER = "x-connection-encrypted"


@pytest.fixture
def sql() -> str:
    return f"SELECT 'a-password-{secrets.token_hex(8)}' AS mine"


def test_sql_that_can_write_leaves_word_without_its_text(place, sql):
    client = place.owner.client
    before = len(place.management.audited(place.ref))
    token = {HEADER: place.token()}
    for path in (f"{place.url}/query?key=table-rows-1", "/pg/query"):
        answer = client.post(path, json={"query": sql}, headers=token)
        assert answer.status_code == 200, answer.text
    broken = client.post(f"{place.url}/query", json={"query": f"{sql} FROM nowhere"})
    assert broken.status_code == 400
    entries = place.management.audited(place.ref)[before:]
    pattern = r"run SQL, (\d+) characters, digest ([0-9a-f]{64})(, key .*)?"
    email = client.get("/auth/v1/user").json()["email"]
    assert {each[:2] for each in entries} == {(email, "database")}
    named, direct, failed = [re.fullmatch(pattern, each[2]).groups() for each in entries]
    assert named == (str(len(sql)), direct[1], ", key table-rows-1")
    assert direct[::2] == (str(len(sql)), None)
    assert failed[1] != named[1]
    shown = client.get(f"/platform/organizations/{place.owner.slug}/audit")
    assert entries[0][2] in shown.text
    assert "a-password" not in shown.text
    assert (
        place.management.rows("SELECT 1 FROM service_call WHERE change LIKE '%a-password%'") == []
    )


def test_the_request_is_told(place, sql):
    headers = {"X-Request-Id": f"mine-{secrets.token_hex(4)}"}
    body = {"query": sql}
    assert place.owner.client.post(f"{place.url}/query", json=body, headers=headers).is_success
    (told,) = place.management.rows(
        "SELECT entry ->> 'action' AS action FROM audit_log "
        f"WHERE entry #>> '{{request,request_id}}' = '{headers['X-Request-Id']}'"
    )
    assert told == {"action": "service_call.created"}


def test_a_key_is_bounded_and_has_no_text_of_its_own(place, sql):
    key = "';\0\n" + "a" * 5000
    answer = place.owner.client.post(
        f"{place.url}/query",
        params={"key": key},
        content=json.dumps({"query": f"{sql} -- \ud800"}),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (200, 400), answer.text
    told = place.management.audited(place.ref)[-1][2]
    assert told.endswith(f", key ????{'a' * 124}")


def test_what_cannot_write_leaves_none(place, sql):
    before = place.management.audited(place.ref)
    with place.member("Read-only") as reader:
        assert place.query(sql, client=reader).status_code == 200
    formatted = place.owner.client.post(f"{place.url}/query/format", json={"query": sql})
    assert formatted.status_code == 200, formatted.text
    assert place.management.audited(place.ref) == before
