"""Lists in pages: each row once, whatever comes and goes in between."""

from __future__ import annotations

import re
import secrets
from typing import Any

import httpx
import pytest

from teams import Team

NEXT = re.compile(r'<(.+)>; rel="next"')


def rows(answer: httpx.Response) -> list[dict[str, Any]]:
    body = answer.json()
    for name in ("projects", "result"):
        if isinstance(body, dict) and name in body:
            return list(body[name])
    return list(body)


def following(answer: httpx.Response) -> str | None:
    found = NEXT.fullmatch(answer.headers.get("Link", ""))
    return found[1] if found else None


def read(client: httpx.Client, path: str, **headers: str) -> list[list[dict[str, Any]]]:
    """All pages, by their links."""
    pages = []
    address: str | None = path
    while address is not None:
        answer = client.get(address, headers=headers)
        assert answer.status_code == 200, answer.text
        pages.append(rows(answer))
        address = following(answer)
    return pages


@pytest.fixture(scope="module")
def team(module_api) -> Team:
    """An owner of five organizations with five tokens; the first has three members."""
    team = Team.found(module_api)
    for name in "abcd":
        made = team.owner.client.post("/platform/organizations", json={"name": name})
        assert made.status_code == 201
    for number in range(5):
        body = {"name": f"Token {number}"}
        assert team.owner.client.post("/platform/profile/access-tokens", json=body).is_success
    for role in ("Developer", "Read-only"):
        team.join(role)
    return team


@pytest.fixture(scope="module")
def projects(team: Team, management_postgres) -> list[str]:
    """Seven projects, two of them with the same name and two made at the same moment."""
    names = ["delta", "Alpha", "alpha", "charlie", "bravo", "golf", "foxtrot"]
    for number, name in enumerate(names):
        ref = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(20))
        management_postgres.psql(
            "INSERT INTO project (project_ref, project_name, organization_id, organization_label, "
            "status, namespace, resource_name, intent, intent_revision, created_at) "
            f"SELECT '{ref}', '{name}', id, slug, 'COMING_UP', 'nowhere', '{ref}', '{{}}', 0, "
            f"timestamptz '2026-01-01' + interval '{number // 2} microseconds' "
            f"FROM organizations WHERE slug = '{team.slug}'",
            database=team.api.environment["DATABASE_URL"].rpartition("/")[2],
        )
    return names


LISTS = ("organizations", "organizations/{slug}/members", "profile/access-tokens",
         "organizations/{slug}/audit", "profile/audit")  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
def test_pages_together_are_the_list(team: Team, path: str):
    client, path = team.owner.client, f"/platform/{path.format(slug=team.slug)}"
    whole = rows(client.get(path))
    assert len(whole) > 2
    pages = read(client, f"{path}?limit=2")
    assert [len(page) for page in pages[:-1]] == [2] * (len(pages) - 1)
    assert [row for page in pages for row in page] == whole
    assert read(client, f"{path}?limit={len(whole)}") == [whole]


@pytest.mark.parametrize("sort", ["", "name_asc", "name_desc", "created_asc", "created_desc"])
@pytest.mark.parametrize(
    ("path", "version"),
    [("projects", "1"), ("projects", "2"), ("organizations/{slug}/projects", "1")],
)
def test_pages_of_projects_in_every_order(
    team: Team, projects: list[str], path: str, version: str, sort: str
):
    client = team.owner.client
    path = f"/platform/{path.format(slug=team.slug)}?sort={sort}"
    whole = rows(client.get(path, headers={"Version": version}))
    assert len(whole) == len(projects)
    for limit in (1, 3):
        pages = read(client, f"{path}&limit={limit}", Version=version)
        assert [row for page in pages for row in page] == whole
        assert {len(page) for page in pages[:-1]} == {limit}


def test_what_comes_and_goes_hides_no_other_row(team: Team):
    """A page by its number would repeat one, and leave another one out."""
    client, path = team.owner.client, "/platform/profile/access-tokens"
    before = [row["id"] for row in rows(client.get(path))]
    first = client.get(f"{path}?limit=2")
    made = client.post(path, json={"name": "In between"}).json()["id"]
    assert client.delete(f"{path}/{before[1]}").is_success
    address = following(first)
    assert address is not None
    rest = [row["id"] for page in read(client, address) for row in page]
    assert [row["id"] for row in rows(first)] + rest == before
    assert [row["id"] for row in rows(client.get(path))] == [
        *(made, before[0]),
        *before[2:],
    ]


@pytest.mark.parametrize(
    "cursor", ["x", "bnVsbA", "W10", "%00", "💥", "WyJ0b2tlbnMiLHRydWVd", "WyJtZW1iZXJzIiwxXQ"]
)
def test_what_is_no_cursor_of_the_list_is_refused(team: Team, cursor: str):
    """Also that of another list, and one with a key of another type."""
    answer = team.owner.client.get(f"/platform/profile/access-tokens?cursor={cursor}")
    assert answer.status_code == 400, answer.text
    assert "cursor" in answer.json()["message"]


def test_a_cursor_is_of_one_order(team: Team, projects: list[str]):
    answer = team.owner.client.get("/platform/projects?limit=1&sort=name_asc")
    address = following(answer)
    assert address is not None
    refused = team.owner.client.get(address.replace("name_asc", "created_asc"))
    assert refused.status_code == 400


def test_a_cursor_of_others_shows_nothing_of_theirs(team: Team, projects: list[str]):
    """It only says where to begin among one's own."""
    address = following(team.owner.client.get("/platform/projects?limit=1"))
    assert address is not None
    assert rows(team.guest().client.get(address)) == []
