"""Renaming, restarting and resizing over HTTP; what becomes of it is read in the cluster."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from asking import eventually


@pytest.fixture
def ref(owner, cluster) -> str:
    """A project that is active."""
    made = owner.create()
    eventually(lambda: cluster.project(made))
    cluster.activate(made)
    owner.await_word(made, "ACTIVE_HEALTHY")
    return made


def post(owner, ref, path, **body):
    return owner.client.post(f"/platform/projects/{ref}/{path}", json=body)


def restart(cluster, ref):
    return cluster.project(ref)["spec"].get("restart") or {}


def test_restarts(owner, cluster, ref, rows):
    before = datetime.now(UTC).replace(microsecond=0)
    answer = post(owner, ref, "restart", database_identifier=ref)
    assert (answer.status_code, answer.content) == (201, b"")
    assert owner.word(ref) == "RESTARTING"
    first = eventually(lambda: restart(cluster, ref).get("at"))
    assert before <= datetime.fromisoformat(first) <= datetime.now(UTC)
    assert owner.word(ref) == "RESTARTING"
    cluster.report(ref, Ready="True/Active", Reconciling="True/Restarting")
    assert owner.word(ref) == "RESTARTING"
    cluster.activate(ref)
    owner.await_word(ref, "ACTIVE_HEALTHY")

    names = ["postgresql", "gotrue", "envoy", "kong", "storage", "meta"]
    wanted = {"region": "MARS-1", "services": names}
    answer = post(owner, ref, "restart-services", restartRequest=wanted)
    assert (answer.status_code, answer.content) == (201, b"")
    assert owner.word(ref) == "RESTARTING"
    times = eventually(lambda: restart(cluster, ref).get("services"))
    assert times.keys() == {"database", "auth", "gateway", "storage", "meta"}
    assert len(set(times.values())) == 1
    assert restart(cluster, ref)["at"] == first < times["auth"]

    # Two requests within one second are two restarts, and a clock that is behind asks for one.
    cluster.apply(ref, {"restart": {"services": {"rest": "2101-01-01T00:00:00Z"}}})
    eventually(lambda: "rest" in rows("SELECT live FROM project")[0]["live"]["restart"]["services"])
    eventually(lambda: post(owner, ref, "restart").status_code == 201)
    at = eventually(lambda: (found := restart(cluster, ref)["at"]) > "2101" and found)
    assert post(owner, ref, "restart").status_code == 201
    eventually(lambda: restart(cluster, ref)["at"] > at)


REFUSED = [
    ("restart", {"database_identifier": "other"}, "database_identifier"),
    ("restart-services", {}, "restartRequest"),
    ("restart-services", {"restartRequest": {"services": []}}, "names none"),
    ("restart-services", {"restartRequest": {"services": ["walg", "auth"]}}, "has no walg"),
    ("restart-services", {"restartRequest": {"services": ["auth"], "region": "x"}}, "mars-1"),
    ("resize", {"volume_size_gb": 0}, "volume_size_gb"),
    ("resize", {"volume_size_gb": 10**9}, "volume_size_gb"),
    ("billing/addons", {"addon_type": "pitr", "addon_variant": "pitr_7"}, "ci_micro"),
    (
        "billing/addons",
        {"addon_type": "compute_instance", "addon_variant": "ci_48xlarge"},
        "ci_micro",
    ),
]


def test_what_cannot_be_is_refused(owner, rows):
    ref = owner.create()
    for path, body, text in REFUSED:
        answer = post(owner, ref, path, **body)
        assert answer.status_code == 400, (path, body, answer.text)
        assert text in answer.json()["message"]
    assert rows("SELECT intent_revision AS r FROM project") == [{"r": 1}]


def test_sizes(owner, cluster, ref):
    def size():
        return owner.client.get(f"/platform/projects/{ref}").json()["infra_compute_size"]

    answer = post(owner, ref, "billing/addons", addon_type="compute_instance",
                  addon_variant="ci_medium")  # fmt: skip
    assert (answer.status_code, answer.content) == (201, b"")
    assert owner.word(ref) == "RESIZING"
    assert size() == "medium"
    eventually(lambda: cluster.project(ref)["spec"]["size"] == "medium")
    assert owner.word(ref) == "RESIZING"
    cluster.activate(ref)
    owner.await_word(ref, "ACTIVE_HEALTHY")
    assert owner.client.delete(
        f"/platform/projects/{ref}/billing/addons/ci_micro"
    ).status_code == 404  # fmt: skip
    assert owner.client.delete(
        f"/platform/projects/{ref}/billing/addons/ci_medium"
    ).status_code == 200  # fmt: skip
    assert owner.word(ref) == "RESIZING"
    eventually(lambda: cluster.project(ref)["spec"]["size"] == "small")

    assert post(owner, ref, "resize", volume_size_gb=20).status_code == 409
    cluster.activate(ref, volumes=[{"name": "database", "size": "10Gi"}])
    detail = eventually(
        lambda: (
            (found := owner.client.get(f"/platform/projects/{ref}").json()).get("volumeSizeGb")
            and found
        )
    )
    assert detail["volumeSizeGb"] == 10
    answer = post(owner, ref, "resize", volume_size_gb=9)
    assert answer.status_code == 400
    assert "holds 10 GB" in answer.json()["message"]
    assert post(owner, ref, "resize", volume_size_gb=20).status_code == 201
    eventually(
        lambda: cluster.project(ref)["spec"]["database"]["managed"]["storage"]["size"] == "20Gi"
    )
    assert owner.word(ref) == "ACTIVE_HEALTHY"
    answer = post(owner, ref, "resize", volume_size_gb=15)
    assert answer.status_code == 422
    assert "a volume cannot shrink" in answer.json()["message"]


def test_a_new_name(owner, cluster, ref, rows):
    answer = owner.client.patch(f"/platform/projects/{ref}", json={"name": " Venus "})
    assert answer.status_code == 200
    assert answer.json().keys() == {"id", "ref", "name"}
    assert answer.json()["name"] == "Venus"
    assert owner.client.get(f"/platform/projects/{ref}").json()["name"] == "Venus"
    assert [each["name"] for each in owner.client.get("/platform/projects").json()] == ["Venus"]
    eventually(lambda: cluster.project(ref)["spec"]["displayName"] == "Venus")
    cluster.apply(ref, {"displayName": "Theirs"}, force=True)
    eventually(lambda: rows("SELECT id FROM project WHERE project_name = 'Theirs'"))
    answer = owner.client.patch(f"/platform/projects/{ref}", json={"name": "Ours"})
    assert answer.status_code == 409
    assert owner.client.patch(f"/platform/projects/{ref}", json={"name": ""}).status_code == 400
    assert owner.client.get(f"/platform/projects/{ref}").json()["name"] == "Theirs"


def test_a_paused_project(owner, cluster, ref):
    def paused():
        return owner.client.get(f"/platform/projects/{ref}/pause/status").json()

    assert paused()["can_restore"] is False
    assert post(owner, ref, "pause").status_code == 201
    answer = post(owner, ref, "restart")
    assert answer.status_code == 409
    assert "paused" in answer.json()["message"]
    cluster.report(
        ref,
        Ready="False/Paused",
        Paused="True/Requested",
        postgres=15,
        components=[
            {"name": "database", "replicas": 0, "readyReplicas": 0, "version": "15.8.1.085"}
        ],
    )
    owner.await_word(ref, "INACTIVE")
    assert paused() == {
        "can_restore": True,
        "last_paused_on": "2026-01-01T00:00:00.000Z",
        "latest_downloadable_backup_id": None,
        "max_days_till_restore_disabled": 36500,
        "remaining_days_till_restore_disabled": None,
    }
    versions = owner.client.get(f"/platform/projects/{ref}/restore/versions").json()
    assert versions == {
        "available_versions": [
            {
                "postgres_engine": "15",
                "release_channel": "ga",
                "version": "supabase-postgres-15.8.1.085",
            }
        ]
    }
    detail = owner.client.get(f"/platform/projects/{ref}").json()
    assert detail["dbVersion"] == "supabase-postgres-15.8.1.085"
    answer = post(owner, ref, "restore", postgres_engine="17")
    assert answer.status_code == 400
    assert "PostgreSQL 15" in answer.json()["message"]
    assert owner.word(ref) == "INACTIVE"
    answer = post(owner, ref, "restore", postgres_engine="15", release_channel="ga")
    assert answer.status_code == 201
    assert owner.word(ref) == "RESTORING"


def test_a_service_that_is_off_cannot_be_restarted(owner, cluster):
    ref = owner.create(data_api_exposed_schemas=[])
    answer = post(owner, ref, "restart-services", restartRequest={"services": ["postgrest"]})
    assert answer.status_code == 409
    assert answer.json()["message"] == "rest: is switched off"
    eventually(lambda: cluster.project(ref)["spec"]["services"]["rest"] == {"enabled": False})


def test_no_restart_is_lost(api, api_process, owner, cluster, ref):
    """Asked for at two processes at once, and of one that dies as soon as it has answered."""
    other = api_process()
    token = owner.client.headers["Authorization"].removeprefix("Bearer ")
    names = ["auth", "rest", "storage", "meta"]
    with other.client(token) as second, ThreadPoolExecutor(len(names)) as pool:

        def ask(client, name) -> int:
            body = {"restartRequest": {"services": [name]}}
            return client.post(f"/platform/projects/{ref}/restart-services", json=body).status_code

        clients = (owner.client, second, owner.client, second)
        assert list(pool.map(ask, clients, names)) == [201] * len(names)
        eventually(lambda: (restart(cluster, ref).get("services") or {}).keys() == set(names))
        other.kill()
        assert post(owner, ref, "restart").status_code == 201
        api.kill()
        other.start()
        answer = second.get(f"/platform/projects/{ref}")
        assert answer.json()["status"] == "RESTARTING"
        eventually(lambda: restart(cluster, ref).get("at"))
