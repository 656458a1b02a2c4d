"""Whatever dies or goes away: nothing is lost, nothing is done twice, no word changes.

Two processes run in every test.
"""

from __future__ import annotations

import json
import time

import pytest

from asking import eventually, new_owner
from listening import listening


def writes(cluster, ref: str) -> list[str]:
    """The verbs of the API's requests that changed the resource, in order."""
    found = []
    for line in cluster.control_plane.audit_log.read_text().splitlines():
        event = json.loads(line)
        reference = event.get("objectRef") or {}
        if (
            event["stage"] == "ResponseComplete"
            and reference.get("resource") == "supabaseprojects"
            and reference.get("name") == ref
            and event["verb"] not in ("get", "list", "watch")
            and event.get("userAgent", "").startswith("supamanager-api/")
            and "dryRun" not in event["requestURI"]
        ):
            found.append(event["verb"])
    return found


def leads(api, *, epoch: int) -> bool:
    """Whether this process became the mirror under this number."""
    lines = (json.loads(line) for line in api.logs.splitlines() if line.startswith("{"))
    return any(each["message"] == "mirroring" and each["epoch"] == epoch for each in lines)


@pytest.fixture(autouse=True)
def another(own_api, api_process):
    """The process beside the first one, which leads."""
    return api_process()


def test_killed_between_commit_and_apply(api, another, owner, cluster, rows):
    cluster.control_plane.stop_apiserver()
    try:
        ref = owner.create(db_pass="Sample-Password-4")
        api.kill()
        another.kill()
    finally:
        cluster.control_plane.start_apiserver()
    assert cluster.projects() == []
    another.start()
    api.start()
    live = eventually(lambda: cluster.project(ref))
    assert live["spec"]["inputsRevision"] == 1
    assert cluster.secret(f"{ref}-inputs")
    eventually(lambda: rows("SELECT id FROM project WHERE applied_revision = intent_revision"))
    assert [each["metadata"]["name"] for each in cluster.projects()] == [ref]
    assert rows("SELECT project_ref FROM project") == [{"project_ref": ref}]
    assert owner.word(ref) == "COMING_UP"
    assert writes(cluster, ref) == ["patch"]


def test_killed_again_and_again(api, another, owner, cluster, rows):
    """Each of many projects is made, though now this process is killed while they are made and
    now that one."""
    refs = []
    for number in range(6):
        refs.append(owner.create(name=f"p{number}"))
        killed = (api, another)[number % 2]
        killed.kill()
        killed.start()
    eventually(lambda: {each["metadata"]["name"] for each in cluster.projects()} == set(refs))
    eventually(
        lambda: rows("SELECT id FROM project WHERE applied_revision < intent_revision") == []
    )
    names = {each["spec"]["displayName"] for each in cluster.projects()}
    assert names == {f"p{number}" for number in range(6)}


def test_two_processes_do_it_once(owner, cluster, rows, management):
    refs = [owner.create(name=f"p{number}") for number in range(8)]
    eventually(
        lambda: len(rows("SELECT id FROM project WHERE applied_revision = intent_revision")) == 8
    )
    for ref in refs:
        assert writes(cluster, ref) == ["patch"]
    assert management.locks() == 1


def test_another_process_takes_over(api, another, cluster, management, rows):
    with new_owner(another) as owner:
        ref = owner.create()
        eventually(lambda: cluster.project(ref))
        eventually(lambda: rows("SELECT id FROM project WHERE mirror_epoch IS NOT NULL"))
        first = management.epoch()
        assert first == 1, api.logs
        assert leads(api, epoch=first)
        assert not leads(another, epoch=first)
        api.kill()
        cluster.activate(ref)
        started = time.monotonic()
        owner.await_word(ref, "ACTIVE_HEALTHY")
        assert time.monotonic() - started < 20
        assert leads(another, epoch=first + 1)
        assert management.locks() == 1


def test_the_database_restarts(own_api, another, cluster, management_postgres):
    with new_owner(own_api) as owner:
        ref = owner.create()
        eventually(lambda: cluster.project(ref))
        with listening(another, owner.token, ref) as listener:
            management_postgres.restart()

            def ready() -> bool:
                return all(each.get("/readyz").status_code == 200 for each in (own_api, another))

            eventually(ready)
            eventually(lambda: owner.client.get("/platform/projects").status_code == 200)
            cluster.activate(ref)
            listener.until(lambda event: event.data["status"] == "ACTIVE_HEALTHY")
        owner.await_word(ref, "ACTIVE_HEALTHY")
        assert owner.client.post(f"/platform/projects/{ref}/pause").status_code == 201
        eventually(lambda: cluster.project(ref)["spec"]["paused"])


@pytest.mark.parametrize("seconds", [6, pytest.param(60, marks=pytest.mark.long)])
def test_the_cluster_is_away(api, another, owner, cluster, seconds):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    cluster.activate(ref)
    owner.await_word(ref, "ACTIVE_HEALTHY")
    cluster.control_plane.stop_apiserver()
    try:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for each in (api, another):
                assert each.get("/readyz").status_code == 200
                assert each.get("/healthz").status_code == 200
            assert owner.word(ref) == "ACTIVE_HEALTHY"
            time.sleep(0.5)
        told = api.get("/status").json()
        assert told["is_healthy"] is True
        assert told["mirror_age_seconds"] >= seconds - 1
        assert owner.client.get(f"/platform/projects/{ref}/settings").status_code == 503
        later = owner.create(name="Later")
        assert api.get("/status").json()["applier_backlog"] == 1
        assert owner.word(later) == "COMING_UP"
    finally:
        cluster.control_plane.start_apiserver()
    eventually(lambda: cluster.project(later))
    cluster.report(ref, Ready="False/Degraded")
    owner.await_word(ref, "ACTIVE_UNHEALTHY")
    eventually(lambda: api.get("/status").json()["applier_backlog"] == 0)


def test_what_changed_while_nobody_looked(api, another, owner, cluster):
    gone, kept = owner.create(name="Gone"), owner.create(name="Kept")
    eventually(lambda: cluster.project(gone) and cluster.project(kept))
    cluster.activate(gone)
    owner.await_word(gone, "ACTIVE_HEALTHY")
    api.stop()
    another.stop()
    cluster.kubectl("delete", "sbp", gone)
    cluster.activate(kept)
    cluster.apply("fresh", {}, labels={"supamanager.io/organization": owner.slug})
    another.start()
    api.start()
    owner.await_word(gone, "REMOVED")
    owner.await_word(kept, "ACTIVE_HEALTHY")
    eventually(
        lambda: (
            {each["name"] for each in owner.client.get("/platform/projects").json()}
            == {"Kept", "fresh"}
        )
    )
