"""Releases: what is shipped, and what a broken file says."""

from __future__ import annotations

import copy

import pytest
import yaml

from supamanager_kube.components import COMPONENTS
from supamanager_operator.render import data, releases

MEBI = {"Mi": 1, "Gi": 1024}


def mebibytes(quantity):
    return int(quantity[:-2]) * MEBI[quantity[-2:]]


@pytest.fixture
def shipped():
    return releases.load("2026.09")


def test_the_first_release_is_there(shipped):
    assert releases.versions()[0] == "2026.09"
    assert releases.latest() == releases.versions()[-1]
    assert shipped.version == "2026.09"


def test_an_unknown_release_names_the_known_ones():
    with pytest.raises(releases.UnknownRelease, match=r"'2020\.01'; known are .*2026\.09"):
        releases.load("2020.01")


@pytest.mark.parametrize("version", ["../releases/2026.09", "2026.09.yaml", ""])
def test_a_version_is_no_path(version):
    with pytest.raises(releases.UnknownRelease):
        releases.load(version)


def test_images_are_pinned_as_the_facts_say(shipped):
    assert {name: shipped.image(name, 17) for name in COMPONENTS} == {
        "database": "supabase/postgres:17.6.1.136",
        "gateway": "kong/kong:3.9.3",
        "auth": "supabase/gotrue:v2.196.0",
        "rest": "postgrest/postgrest:v14.17",
        "realtime": "supabase/realtime:v2.134.10",
        "storage": "supabase/storage-api:v1.74.0",
        "imgproxy": "darthsim/imgproxy:v3.31.4",
        "meta": "supabase/postgres-meta:v0.99.0",
        "functions": "supabase/edge-runtime:v1.76.2",
        "analytics": "supabase/logflare:1.50.10",
        "vector": "timberio/vector:0.53.0-alpine",
        "studio": "supabase/studio:2026.09.07-sha-7996410",
    }
    assert shipped.image("database", 15) == "supabase/postgres:15.8.1.085"


@pytest.mark.parametrize(
    ("size", "most"),
    [("small", 2048), ("medium", 4096), ("large", 8192), ("xlarge", 16384), ("2xlarge", 32768)],
)
def test_memory_of_a_size(shipped, size, most):
    requests = [entry["requests"]["memory"] for entry in shipped.sizes[size].values()]
    assert len(requests) == 12
    assert sum(map(mebibytes, requests)) <= most


def test_sizes_grow(shipped):
    order = ["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"]
    assert list(shipped.sizes) == order
    for name in COMPONENTS:
        for group in ("requests", "limits"):
            memory = [mebibytes(shipped.sizes[size][name][group]["memory"]) for size in order]
            assert memory == sorted(memory)
    for size in order:
        for entry in shipped.sizes[size].values():
            assert mebibytes(entry["requests"]["memory"]) <= mebibytes(entry["limits"]["memory"])
        # What its runtime takes while it starts.
        assert mebibytes(shipped.sizes[size]["analytics"]["limits"]["memory"]) >= 1024


def test_volumes_are_20_gi(shipped):
    volumes = {name: mebibytes(size) // 1024 for name, size in shipped.volumes.items()}
    assert (volumes["database"], volumes["storage"], sum(volumes.values())) == (10, 8, 20)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda body: body.pop("images"), "KeyError"),
        (lambda body: body["images"].pop("auth"), "images lacks auth"),
        (lambda body: body["images"].update(cron="x"), "images names the unknown cron"),
        (lambda body: body["sizes"]["small"].pop("rest"), "sizes.small lacks rest"),
        (lambda body: body["volumes"].update(storage="1024Mi"), "1024Mi is not written as"),
        (lambda body: body.update(version="2000.01"), "version is 2000.01"),
    ],
)
def test_a_broken_file_is_refused(monkeypatch, change, message):
    body = yaml.safe_load(data.text("releases/2026.09.yaml"))
    broken = copy.deepcopy(body)
    change(broken)
    monkeypatch.setattr(data, "text", lambda _: yaml.safe_dump(broken))
    with pytest.raises(releases.InvalidRelease, match=rf"releases/2026\.09\.yaml: .*{message}"):
        releases.load.__wrapped__("2026.09")
