"""Renaming and deleting an organization."""

from __future__ import annotations

from functools import partial

import asyncpg
import pytest

from teams import Team, at_once


def test_renamed_it_keeps_its_slug(api):
    team = Team.found(api)
    change = {
        "name": " Apex ",
        "billing_email": "pay@example.test",
        "opt_in_tags": ["AI_OPT_IN"],
    }
    answer = team.owner.must("PATCH", team.slug, change)
    every = team.owner.client.get("/platform/organizations").json()
    (listed,) = (each for each in every if each["slug"] == team.slug)
    assert answer == {
        "id": listed["id"],
        "name": "Apex",
        "slug": team.slug,
        "billing_email": "pay@example.test",
        "opt_in_tags": ["AI_OPT_IN"],
        "stripe_customer_id": None,
    }
    read = team.owner.must("GET", team.slug)
    for found in (listed, read):
        assert {key: found[key] for key in answer} == answer
    team.owner.must("PATCH", team.slug, {"opt_in_tags": []})
    assert team.owner.must("GET", team.slug)["opt_in_tags"] == []
    assert team.owner.must("GET", team.slug)["name"] == "Apex"


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "x" * 257},
        {"name": "a\0b"},
        {"opt_in_tags": ["a b"]},
        {"opt_in_tags": "x"},
        {"billing_email": "nobody"},
        {"additional_billing_emails": ["a@example.test"]},
    ],
)
def test_what_is_refused(api, body: object):
    team = Team.found(api)
    answer = team.owner.ask("PATCH", team.slug, body)
    assert (answer.status_code, bool(answer.json()["message"])) == (400, True)
    assert team.owner.must("GET", team.slug)["name"] == "Acme"


def test_with_projects_it_is_not_deleted(api):
    team = Team.found(api)
    ref = team.project(name="Jupiter")
    answer = team.owner.ask("DELETE", team.slug)
    assert answer.status_code == 409
    assert f"Jupiter ({ref})" in answer.json()["message"]
    assert team.owner.must("GET", team.slug)["slug"] == team.slug


def test_only_owners_rename_and_delete(api):
    team = Team.found(api)
    for role in ("Administrator", "Developer", "Read-only"):
        person = team.join(role)
        assert person.ask("PATCH", team.slug, {"name": "x"}).status_code == 403
        assert person.ask("DELETE", team.slug).status_code == 403


async def test_deleted_with_all_that_belongs_to_it(own_api, database_url: str):
    """Members and invitations are gone; the row of a removed project stays, and is nobody's."""
    team = Team.found(own_api)
    person = team.join("Developer", team.project())
    team.invite("x@example.test", "Developer")
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE project SET removed_at = now(), status = 'REMOVED'")
        team.owner.must("DELETE", team.slug)
        counts = [
            await connection.fetchval(f"SELECT count(*) FROM {table}")
            for table in (
                "organizations",
                "organization_membership",
                "organization_invitation",
                "project_role",
            )
        ]
        left = await connection.fetch("SELECT organization_id FROM project")
    finally:
        await connection.close()
    assert counts == [0, 0, 0, 0]
    assert [row["organization_id"] for row in left] == [None]
    for who in (team.owner, person):
        assert who.ask("GET", team.slug).status_code == 404
        assert who.client.get("/platform/organizations").json() == []


def test_deleted_while_a_project_is_made(api):
    """One of the two: a project in an organization, or no organization."""
    for _ in range(4):
        team = Team.found(api)
        wish = {"name": "Mars", "organization_slug": team.slug}
        made, deleted = at_once(
            partial(team.owner.client.post, "/platform/projects", json=wish),
            partial(team.owner.ask, "DELETE", team.slug),
        )
        outcome = (made.status_code, deleted.status_code)
        assert outcome in ((201, 409), (404, 200)), (made.text, deleted.text)
