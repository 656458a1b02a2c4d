"""Logs, and the REST and GraphQL interfaces of a project, on stubs."""

from __future__ import annotations

import pytest


def test_logs_are_asked_with_our_token(place, client, services):
    url = f"/platform/projects/{place.ref}/analytics/endpoints/logs.all"
    times = {"iso_timestamp_start": "2026-01-01T00:00:00Z", "iso_timestamp_end": "2026-01-02"}
    sql = "select 1 from edge_logs -- é & more"
    got = client.get(url, params={"sql": sql, "project": "somebody-else", **times})
    assert got.status_code == 200, got.text
    assert got.json()["result"][0]["event_message"] == sql
    assert services.asked[-1].query == {"sql": sql, "project": "default", **times}
    posted = client.post(url, json={"sql": "x" * 20000, "key": "overview", **times})
    assert posted.json()["result"][0]["event_message"] == "x" * 20000
    assert services.asked[-1].body["project"] == "default"
    assert services.log_token not in place.api.logs


def test_a_wrong_query_is_told_in_the_stores_words(place, client):
    url = f"/platform/projects/{place.ref}/analytics/endpoints/logs.all"
    answer = client.get(url, params={"sql": "broken"})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "syntax error"


@pytest.mark.parametrize("name", ["..", "%2e%2e", "a%2Fb", "nothing", "LOGS"])
def test_only_named_queries_are_asked(place, client, services, name):
    answer = client.get(f"/platform/projects/{place.ref}/analytics/endpoints/{name}")
    assert answer.status_code in (400, 404)
    assert answer.json()["message"]
    assert all(
        "endpoints/query/" in each.path for each in services.asked if "analytics" in each.path
    )


def test_a_reader_sees_logs(place):
    url = f"/platform/projects/{place.ref}/analytics/endpoints/logs.all?sql=select"
    with place.member("Read-only") as reader:
        assert reader.get(url).status_code == 200


def test_the_document_of_the_rest_interface(place, client, services):
    for url in (f"/platform/projects/{place.ref}/api/rest", f"/projects/{place.ref}/api/rest"):
        answer = client.get(url)
        assert (answer.status_code, answer.json()["swagger"]) == (200, "2.0")
        assert services.asked[-1].path == "/gateway/rest/v1/"
        assert services.asked[-1].headers["accept"] == "application/openapi+json"
        ping = client.head(url)
        assert (ping.status_code, ping.content) == (200, b"")
        assert services.asked[-1].method == "HEAD"


def test_graphql_is_passed_on(place, client, services):
    body = {"query": "query A { x }", "variables": {"a": 1}, "operationName": "A"}
    answer = client.post(f"/platform/projects/{place.ref}/api/graphql", json=body)
    assert answer.json() == {"data": {"echo": body}}
    with place.member("Read-only") as reader:
        refused = reader.post(f"/platform/projects/{place.ref}/api/graphql", json=body)
        assert refused.status_code == 403
