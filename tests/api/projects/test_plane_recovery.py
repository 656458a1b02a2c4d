"""The management database is lost, or is an older one: the resources know better."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator

import pytest

from asking import Owner, eventually, new_owner
from management import Management
from supamanager_kube import labels


@pytest.fixture
def other_database(management_postgres) -> Iterator[tuple[str, Management]]:
    """The name of a database that is not there yet, and a view of it."""
    name = f"other_{secrets.token_hex(4)}"
    yield name, Management(management_postgres, name)
    management_postgres.drop_database(name)


def recovery(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "supamanager_api.recovery", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def settled(owner: Owner, cluster, ref: str):
    """The resource once the newest intent was applied to it."""
    eventually(lambda: owner.client.get(f"/platform/projects/{ref}").status_code == 200)
    eventually(
        lambda: owner.client.get("/status").json()["applier_backlog"] == 0 and cluster.project(ref)
    )
    return cluster.project(ref)


def said(resource) -> tuple[dict, dict]:
    return resource["spec"], resource["metadata"]["labels"]


def test_an_emptied_database(api, owner, api_process, cluster, management_postgres, other_database):
    ref = owner.create(name="Shop", db_region="jupiter-1", db_pass="Sample-Password-4")
    answer = owner.client.post(
        f"/platform/projects/{ref}/billing/addons",
        json={"addon_type": "compute_instance", "addon_variant": "ci_medium"},
    )
    assert answer.status_code < 300, answer.text
    before = settled(owner, cluster, ref)
    cluster.apply("made-by-kubectl", {}, labels={"supamanager.io/organization": owner.slug})
    eventually(
        lambda: "supamanager.io/ref" in cluster.project("made-by-kubectl")["metadata"]["labels"]
    )
    drawn = cluster.project("made-by-kubectl")["metadata"]["labels"]["supamanager.io/ref"]
    cluster.activate(ref)
    owner.await_word(ref, "ACTIVE_HEALTHY")
    api.stop()

    name, emptied = other_database
    again = api_process(DATABASE_URL=management_postgres.create_database(name))
    with new_owner(again) as finder:
        eventually(lambda: len(emptied.rows("SELECT id FROM project")) == 2)
        assert finder.client.get(f"/platform/projects/{ref}").status_code == 404
        listed = recovery(again.environment)
        assert (listed.returncode, listed.stdout) == (0, f"{owner.slug}: 2 projects\n")
        nobody = recovery(again.environment, "--owner", "nobody@example.test")
        assert nobody.returncode == 2
        assert "nobody@example.test" in nobody.stderr
        assert emptied.rows(f"SELECT id FROM organizations WHERE slug = '{owner.slug}'") == []

        email = finder.client.get("/auth/v1/user").json()["email"]
        made = recovery(again.environment, "--owner", email)
        assert (made.returncode, made.stdout) == (0, listed.stdout), made.stderr
        assert recovery(again.environment, "--owner", email).stdout == ""

        found = {each["ref"]: each for each in finder.client.get("/platform/projects").json()}
        assert set(found) == {ref, drawn}
        assert found[ref]["name"] == "Shop"
        assert found[ref]["region"] == "jupiter-1"
        assert found[ref]["infra_compute_size"] == "medium"
        assert found[ref]["organization_slug"] == owner.slug
        assert finder.word(ref) == "ACTIVE_HEALTHY"
        assert said(settled(finder, cluster, ref)) == said(before)

        assert finder.client.post(f"/platform/projects/{ref}/pause").status_code == 201
        spec, labels = said(settled(finder, cluster, ref))
        assert spec == {**before["spec"], "paused": True}
        assert labels == before["metadata"]["labels"]
    again.stop()


def test_a_backup_that_is_older_than_the_resources(
    api, owner, api_process, cluster, management_postgres, other_database
):
    ref, gone = owner.create(name="Old name"), owner.create(name="Gone")
    settled(owner, cluster, ref)
    name, restored = other_database
    api.stop()
    template = api.environment["DATABASE_URL"].rpartition("/")[2].partition("?")[0]
    management_postgres.psql(f"CREATE DATABASE {name} TEMPLATE {template}")
    # Stored, and not applied when the backup was made.
    restored.store_pause(ref)

    api.start()
    for number in range(2):
        answer = owner.client.patch(f"/platform/projects/{ref}", json={"name": f"Name {number}"})
        assert answer.status_code < 300, answer.text
    later = owner.create(name="Later")
    assert owner.client.delete(f"/platform/projects/{gone}").status_code == 200
    eventually(lambda: cluster.project(gone) is None)
    before = settled(owner, cluster, ref)
    newer = settled(owner, cluster, later)
    api.stop()

    again = api_process(DATABASE_URL=management_postgres.dsn(name))
    try:
        with again.client(owner.token) as client:
            kept = Owner(client, owner.organization)
            kept.await_word(gone, "REMOVED")
            assert said(settled(kept, cluster, ref)) == said(before)
            assert said(settled(kept, cluster, later)) == said(newer)
            names = {each["ref"]: each["name"] for each in client.get("/platform/projects").json()}
            assert names == {ref: "Name 1", later: "Later"}
            assert kept.word(ref) == "COMING_UP"
            answer = client.patch(f"/platform/projects/{later}", json={"name": "Now"})
            assert answer.status_code < 300, answer.text
            spec, _ = said(settled(kept, cluster, later))
            assert spec == {**newer["spec"], "displayName": "Now"}
    finally:
        again.stop()


def test_organizations_without_projects_are_named_by_namespaces(
    api, owner, control_plane, cluster, rows
):
    """Of all namespaces, the annotation of an empty one is read only if it is our own."""
    from supamanager_dev import rbac

    second = f"{cluster.namespace}-b"
    slugs = {name: f"{name}-{secrets.token_hex(4)}" for name in ("own", "second", "third")}
    control_plane.create_namespace(
        second, annotations={labels.ORGANIZATIONS: f"*, {slugs['second']},{slugs['third']}"}
    )
    cluster.control_plane.kubectl(
        *("annotate", "--overwrite", "namespace", cluster.namespace),
        f"{labels.ORGANIZATIONS}={slugs['own']},{owner.slug}",
    )
    try:
        rbac.bind(control_plane, rbac.API, projects=[cluster.namespace, second])
        everywhere = recovery({**api.environment, "WATCH_NAMESPACES": "*"})
        assert (everywhere.returncode, everywhere.stdout) == (0, f"{slugs['own']}: 0 projects\n")

        watching = {**api.environment, "WATCH_NAMESPACES": f"{cluster.namespace},{second}"}
        email = owner.client.get("/auth/v1/user").json()["email"]
        made = recovery(watching, "--owner", email)
        lines = "".join(f"{slug}: 0 projects\n" for slug in slugs.values())
        assert (made.returncode, made.stdout) == (0, lines), made.stderr
        assert recovery(watching).stdout == ""
        seen = {each["slug"] for each in owner.client.get("/platform/organizations").json()}
        assert seen == {owner.slug, *slugs.values()}
        again = rows("SELECT slug, name FROM organizations ORDER BY slug")
        assert {"slug": slugs["second"], "name": slugs["second"]} in again
    finally:
        control_plane.remove_namespace(second)
