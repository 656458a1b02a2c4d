"""Buckets and objects of a project, on a stub of its storage service."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qs, urlsplit

import pytest


@pytest.fixture
def bucket(place, client) -> str:
    name = f"b-{secrets.token_hex(4)}"
    answer = client.post(f"/platform/storage/{place.ref}/buckets", json={"id": name})
    assert (answer.status_code, answer.json()) == (200, {"name": name})
    return name


@pytest.fixture
def url(place, bucket) -> str:
    return f"/platform/storage/{place.ref}/buckets/{bucket}"


def test_a_bucket_is_made_changed_and_deleted(place, client, services, bucket, url):
    listed = client.get(
        f"/platform/storage/{place.ref}/buckets?search={bucket}&limit=10&sortColumn=name&sortOrder=asc"
    )
    assert [each["id"] for each in listed.json()] == [bucket]
    assert services.asked[-1].query["sortOrder"] == "asc"
    assert client.get(url).json()["public"] is False

    changed = client.patch(url, json={"public": True, "allowed_mime_types": None})
    assert changed.status_code == 200, changed.text
    assert services.asked[-1].body == {"public": True, "allowed_mime_types": None}
    assert client.get(url).json()["public"] is True

    assert client.delete(url).status_code == 200
    gone = client.get(url)
    assert (gone.status_code, gone.json()["message"]) == (400, "Bucket not found")


def test_a_name_of_any_letters_stays_a_name(place, client, services):
    for name in ("a b", "a/../b", "ä?x=1#y", "100%"):
        made = client.post(f"/platform/storage/{place.ref}/buckets", json={"id": name})
        assert made.status_code == 200, made.text
        assert name in services.buckets
    answer = client.get(f"/platform/storage/{place.ref}/buckets/a%20b")
    assert answer.json()["id"] == "a b"
    before = len(services.asked)
    for path in ("..", "%2e%2e", "../../auth/v1/admin"):
        answer = client.get(f"/platform/storage/{place.ref}/buckets/{path}")
        assert answer.status_code in (400, 404), answer.text
    assert len(services.asked) == before


def test_objects_are_listed_moved_and_deleted(client, services, bucket, url):
    services.objects[bucket] = {"docs/a.txt", "docs/b.txt", "c.txt"}
    body = {
        "path": "docs/",
        "options": {"limit": 1, "sortBy": {"column": "name", "order": "asc"}, "search": ""},
    }
    listed = client.post(f"{url}/objects/list", json=body)
    assert [each["name"] for each in listed.json()] == ["docs/a.txt"]
    assert services.asked[-1].body == {
        "prefix": "docs/", "limit": 1, "offset": 0, "search": "",
        "sortBy": {"column": "name", "order": "asc"},
    }  # fmt: skip
    moved = client.post(f"{url}/objects/move", json={"from": "c.txt", "to": "docs/c.txt"})
    assert moved.status_code == 200, moved.text
    assert "docs/c.txt" in services.objects[bucket]
    deleted = client.request(
        "DELETE", f"{url}/objects", json={"paths": ["docs/a.txt", "docs/b.txt"]}
    )
    assert deleted.status_code == 200, deleted.text
    assert services.objects[bucket] == {"docs/c.txt"}
    assert client.post(f"{url}/empty").status_code == 200
    assert services.objects[bucket] == set()


def test_urls_are_the_projects_public_ones(place, client, services, bucket, url):
    services.objects[bucket] = {"docs/a b.txt"}
    base = f"https://{place.ref}.projects.test/storage/v1"
    public = client.post(f"{url}/objects/public-url", json={"path": "docs/a b.txt"})
    assert public.json() == {"publicUrl": f"{base}/object/public/{bucket}/docs/a%20b.txt"}
    options = {"download": "x.txt", "transform": {"width": 20}}
    resized = client.post(
        f"{url}/objects/public-url", json={"path": "a.png", "options": options}
    ).json()["publicUrl"]
    assert resized.startswith(f"{base}/render/image/public/{bucket}/a.png?")
    assert parse_qs(urlsplit(resized).query) == {"width": ["20"], "download": ["x.txt"]}

    signed = client.post(f"{url}/objects/sign", json={"path": "docs/a b.txt", "expiresIn": 60})
    assert signed.json()["signedUrl"].startswith(f"{base}/object/sign/{bucket}/docs/")
    unknown = client.post(f"{url}/objects/sign", json={"path": "no", "expiresIn": 60})
    assert (unknown.status_code, unknown.json()["message"]) == (400, "Object not found")

    several = client.post(
        f"{url}/objects/sign-multi", json={"path": ["docs/a b.txt", "no"], "expiresIn": 60}
    ).json()
    assert several[0]["signedUrl"].startswith(base)
    assert (several[1]["signedUrl"], bool(several[1]["error"])) == (None, True)


def test_a_path_cannot_leave_its_bucket(client, services, url):
    before = len(services.asked)
    for path in ("../other/x", "a/../../x", "a//b", ".."):
        for call in ("public-url", "sign"):
            answer = client.post(f"{url}/objects/{call}", json={"path": path, "expiresIn": 60})
            assert answer.status_code == 400, answer.text
    assert len(services.asked) == before


def test_a_reader_lists_and_changes_nothing(place, services, bucket, url):
    with place.member("Read-only") as reader:
        assert reader.get(f"/platform/storage/{place.ref}/buckets").status_code == 200
        assert reader.post(f"{url}/objects/list", json={}).json() == []
        for method, path in (("DELETE", ""), ("PATCH", ""), ("POST", "/empty")):
            answer = reader.request(method, url + path, json={})
            assert answer.status_code == 403, (method, path)
    assert bucket in services.buckets
