"""Moving projects between organizations, on a real API server."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import httpx
import pytest

from asking import Cluster, eventually
from teams import Person, Team, at_once

LABEL = "supamanager.io/organization"


def move(who: Person, ref: str, slug: str, suffix: str = "") -> httpx.Response:
    body = {"target_organization_slug": slug}
    return who.client.post(f"/platform/projects/{ref}/transfer{suffix}", json=body)


def preview(who: Person, ref: str, slug: str) -> dict[str, Any]:
    answer = move(who, ref, slug, "/preview")
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def label(cluster: Cluster, ref: str) -> str | None:
    found = cluster.project(ref)
    return None if found is None else str(found["metadata"]["labels"].get(LABEL))


def listed(who: Person, slug: str) -> list[str]:
    return [item["ref"] for item in who.must("GET", f"{slug}/projects")["projects"]]


@pytest.fixture
def pair(api) -> tuple[Team, Team]:
    """Two organizations of one owner; who is met in one of them is not met in the other."""
    source = Team.found(api)
    made = source.owner.client.post("/platform/organizations", json={"name": "Other"}).json()
    return source, Team(api, made["slug"], source.owner, source.people)


def test_moved_in_the_database_at_once_and_in_the_cluster_soon(
    api, cluster: Cluster, pair: tuple[Team, Team]
):
    source, target = pair
    ref = source.project()
    eventually(lambda: label(cluster, ref) == source.slug)
    left, came = source.join("Developer"), target.join("Developer")
    limited = source.join("Administrator", ref)
    assert preview(source.owner, ref, target.slug)["valid"] is True
    assert move(source.owner, ref, target.slug).status_code == 201
    assert left.client.get(f"/platform/projects/{ref}").status_code == 404
    assert limited.client.get(f"/platform/projects/{ref}").status_code == 404
    assert came.client.get(f"/platform/projects/{ref}").status_code == 200
    assert (listed(left, source.slug), listed(came, target.slug)) == ([], [ref])
    eventually(lambda: label(cluster, ref) == target.slug)
    assert source.owner.must("GET", f"{source.slug}/roles")["project_scoped_roles"] == []

    # What the cluster says of it later, and a new list, change nothing.
    cluster.activate(ref)
    detail = f"/platform/projects/{ref}"
    eventually(lambda: came.client.get(detail).json()["status"] == "ACTIVE_HEALTHY")
    api.stop()
    api.start()
    eventually(lambda: came.client.get(detail).status_code == 200)
    assert came.client.get(detail).json()["organization_slug"] == target.slug
    assert left.client.get(detail).status_code == 404

    # Back again: the role in the project does not come back with it.
    assert move(source.owner, ref, source.slug).status_code == 201
    eventually(lambda: label(cluster, ref) == source.slug)
    assert limited.client.get(detail).status_code == 403
    assert left.client.get(detail).status_code == 200


def test_killed_before_it_is_applied(
    api, api_process, cluster: Cluster, pair: tuple[Team, Team], rows: Any
):
    """Two processes; the one that was asked dies at once."""
    source, target = pair
    ref = source.project()
    eventually(lambda: label(cluster, ref) == source.slug)
    api_process()
    assert move(source.owner, ref, target.slug).status_code == 201
    api.kill()
    eventually(lambda: label(cluster, ref) == target.slug)
    query = (
        "SELECT o.slug, p.intent_revision - p.applied_revision AS open FROM project p "
        f"JOIN organizations o ON o.id = p.organization_id WHERE p.project_ref = '{ref}'"
    )
    eventually(lambda: rows(query) == [{"slug": target.slug, "open": 0}])
    api.start()


def test_rights_in_both(api, pair: tuple[Team, Team]):
    source, target = pair
    ref = source.project()
    foreign = Team.found(api, source.guest())
    for slug in (foreign.slug, "nobody-has-this"):
        answer = move(source.owner, ref, slug)
        assert (answer.status_code, answer.json()) == (404, {"message": "Organization not found"})
        told = preview(source.owner, ref, slug)
        assert (told["valid"], told["has_access_to_target_organization"]) == (False, False)
    assert move(foreign.owner, ref, foreign.slug).status_code == 404
    assert move(source.owner, ref, source.slug).status_code == 409

    admin = source.join("Administrator")
    accepted = target.invite(admin.email, "Owner").json()["link"]
    assert admin.accept(accepted).status_code == 201
    told = preview(admin, ref, target.slug)
    assert (told["valid"], told["has_permissions_on_source_organization"]) == (False, False)
    assert move(admin, ref, target.slug).status_code == 403
    source.owner.must("PATCH", f"{source.slug}/members/{admin.gotrue_id}", {"role_id": 1})
    target.owner.must("PATCH", f"{target.slug}/members/{admin.gotrue_id}", {"role_id": 3})
    assert move(admin, ref, target.slug).status_code == 403
    assert preview(admin, ref, target.slug)["valid"] is False
    assert listed(source.owner, source.slug) == [ref]


def test_what_the_cluster_does_not_let(control_plane, cluster: Cluster, pair: tuple[Team, Team]):
    """A label that somebody else owns; a namespace that is not the organization's."""
    source, target = pair
    theirs = source.project()
    eventually(lambda: label(cluster, theirs) == source.slug)
    cluster.apply(theirs, {}, labels={LABEL: source.slug})
    answer = move(source.owner, theirs, target.slug)
    assert answer.status_code == 409
    assert "kubectl" in answer.json()["message"]
    assert preview(source.owner, theirs, target.slug)["valid"] is False
    control_plane.kubectl(
        *("annotate", "namespace", cluster.namespace, "--overwrite"),
        f"supamanager.io/organizations={source.slug}",
    )
    ours = source.project()
    answer = move(source.owner, ours, target.slug)
    assert answer.status_code == 409
    assert target.slug in answer.json()["message"]
    assert set(listed(source.owner, source.slug)) == {theirs, ours}
    assert label(cluster, theirs) == source.slug


def test_a_label_that_is_refused_afterwards_comes_back(
    cluster: Cluster, pair: tuple[Team, Team], management: Any
):
    """Somebody takes the label between the dry run and the apply: the project is again where its
    resource says, and does not move when the label is free again."""
    source, target = pair
    ref = source.project()
    eventually(lambda: label(cluster, ref) == source.slug)
    cluster.activate(ref)
    detail = f"/platform/projects/{ref}"
    eventually(lambda: source.owner.client.get(detail).json()["status"] == "ACTIVE_HEALTHY")
    # A process has claimed the project, and is slow.
    claim = "UPDATE project SET claimed_until = now() + interval '1 hour' WHERE project_ref = '{}'"
    management.run(claim.format(ref))
    assert move(source.owner, ref, target.slug).status_code == 201
    cluster.apply(ref, {}, labels={LABEL: source.slug})
    assert listed(source.owner, target.slug) == [ref]
    management.run(f"UPDATE project SET claimed_until = NULL WHERE project_ref = '{ref}'")
    eventually(lambda: listed(source.owner, source.slug) == [ref])
    assert listed(source.owner, target.slug) == []
    told = source.owner.client.get(detail).json()
    assert (told["apply_error"]["code"], "kubectl" in told["apply_error"]["message"]) == (409, True)
    row = "SELECT organization_label AS o FROM project WHERE NOT intent_revision > applied_revision"
    assert management.rows(row) == [{"o": source.slug}]

    cluster.apply(ref, {})
    assert source.owner.client.patch(detail, json={"name": "Venus"}).status_code == 200
    eventually(lambda: cluster.project(ref)["spec"]["displayName"] == "Venus")
    assert label(cluster, ref) == source.slug
    assert listed(source.owner, source.slug) == [ref]


def test_two_at_once_and_back(cluster: Cluster, pair: tuple[Team, Team]):
    """Opposite transfers at the same time wait for one another, and do not block."""
    source, target = pair
    there, here = source.project(), target.project()
    answers = at_once(
        partial(move, source.owner, there, target.slug),
        partial(move, source.owner, here, source.slug),
    )
    assert [answer.status_code for answer in answers] == [201, 201]
    assert listed(source.owner, source.slug) == [here]
    assert listed(source.owner, target.slug) == [there]
    eventually(lambda: (label(cluster, here), label(cluster, there)) == (source.slug, target.slug))


def test_within_the_quota_of_where_it_comes_to(
    own_api, api_process, cluster: Cluster, management: Any
):
    own_api.stop()
    api = api_process(ORGANIZATION_QUOTA=json.dumps({"projects": 1}))
    source = Team.found(api)
    made = source.owner.client.post("/platform/organizations", json={"name": "Other"}).json()
    target = Team(api, made["slug"], source.owner)
    ref = source.project()
    target.project()
    told = preview(source.owner, ref, target.slug)
    assert (told["valid"], told["errors"][0]["key"]) == (False, "quota_exceeded")
    assert move(source.owner, ref, target.slug).status_code == 403
    assert listed(source.owner, source.slug) == [ref]
