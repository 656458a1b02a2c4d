"""How full a project's volume is, asked of its real database."""

from __future__ import annotations

import pytest

from asking import eventually

GIGABYTES = 1024**3


@pytest.fixture
def path(place) -> str:
    place.cluster.activate(place.ref, volumes=[{"name": "database", "size": "10Gi"}])
    detail = f"/platform/projects/{place.ref}"
    eventually(lambda: place.owner.client.get(detail).json().get("volumeSizeGb") == 10)
    return f"{detail}/disk/util"


def used(place, path: str) -> int:
    answer = place.owner.client.get(path)
    assert answer.status_code == 200, answer.text
    metrics = answer.json()["metrics"]
    assert metrics["fs_size_bytes"] == 10 * GIGABYTES
    assert metrics["fs_avail_bytes"] == 10 * GIGABYTES - metrics["fs_used_bytes"]
    return int(metrics["fs_used_bytes"])


def test_what_is_written_takes_room(place, path):
    before = used(place, path)
    (row,) = place.rows("SELECT pg_database_size('postgres')::int8 AS size")
    assert before >= row["size"]
    place.rows("CREATE TABLE full_disk AS SELECT repeat('x', 500) FROM generate_series(1, 40000)")
    assert used(place, path) >= before + 20_000_000
    place.rows("DROP TABLE full_disk")
    program = place.owner.client.get(f"/v1/projects/{place.ref}/config/disk/util").json()
    assert program["metrics"]["fs_size_bytes"] == 10 * GIGABYTES
    with place.member("Read-only") as reader:
        assert reader.get(path).status_code == 200


def test_without_a_volume_or_a_database_nothing_is_said(place, path):
    other = place.owner.create()
    answer = place.owner.client.get(f"/platform/projects/{other}/disk/util")
    assert (answer.status_code, "no volume" in answer.json()["message"]) == (409, True)
    eventually(lambda: place.cluster.project(other))
    place.cluster.activate(other, volumes=[{"name": "database", "size": "10Gi"}])
    eventually(
        lambda: place.owner.client.get(f"/platform/projects/{other}/disk/util").status_code == 503
    )
