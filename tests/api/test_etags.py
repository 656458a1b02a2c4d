"""Lists that the client has already are not sent again."""

from __future__ import annotations

import secrets
import uuid

import pytest

from teams import Team


@pytest.fixture(scope="module")
def team(api) -> Team:
    team = Team.found(api)
    team.join("Developer")
    assert team.owner.client.post("/platform/profile/access-tokens", json={"name": "a"}).is_success
    assert team.invite("somebody@example.test", "Read-only").status_code == 201
    return team


@pytest.fixture(scope="module")
def ref(team: Team) -> str:
    """A project with a snippet and a folder."""
    ref = team.project()
    snippet = {"id": str(uuid.uuid4()), "name": "Query", "type": "sql"}
    client, path = team.owner.client, f"/platform/projects/{ref}/content"
    assert client.put(path, json=snippet).is_success
    assert client.post(f"{path}/folders", json={"name": "Mine"}).is_success
    return ref


@pytest.mark.parametrize(
    "path",
    [
        "/platform/notifications",
        "/platform/organizations",
        "/platform/organizations/{slug}/audit",
        "/platform/organizations/{slug}/audit?limit=1",
        "/platform/organizations/{slug}/members",
        "/platform/organizations/{slug}/members?limit=1",
        "/platform/organizations/{slug}/members/invitations",
        "/platform/organizations/{slug}/roles",
        "/platform/profile/access-tokens",
        "/platform/profile/audit",
        "/platform/profile/permissions",
        "/platform/profile/sessions",
        "/platform/projects/{ref}/content",
        "/platform/projects/{ref}/content/folders",
        "/platform/projects/{ref}/members",
        "/v1/organizations",
        "/v1/organizations/{slug}/members",
        "/v1/projects",
        "/v1/snippets?project_ref={ref}",
    ],
)
def test_a_list_that_did_not_change_is_not_sent_again(team: Team, ref: str, path: str):
    client, path = team.owner.client, path.format(slug=team.slug, ref=ref)
    first = client.get(path)
    assert first.status_code == 200, first.text
    assert first.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": first.headers["ETag"]}
    again = client.get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers.get("Link") == first.headers.get("Link")
    assert ("limit=" in path) == ("Link" in again.headers)


def test_a_list_that_did_change_is(team: Team):
    client, path = team.owner.client, "/platform/profile/access-tokens"
    known = {"If-None-Match": client.get(path).headers["ETag"]}
    name = secrets.token_hex(4)
    assert client.post(path, json={"name": name}).is_success
    again = client.get(path, headers=known)
    assert again.status_code == 200
    assert again.json()[0]["name"] == name


def test_what_another_account_has_is_not_taken_for_ones_own(team: Team):
    """A browser sends what it kept, whoever is signed in."""
    path = "/platform/profile/permissions"
    known = {"If-None-Match": team.owner.client.get(path).headers["ETag"]}
    assert team.people[1].client.get(path, headers=known).status_code == 200
