"""Members and their roles: what is changed is read back by another route, and by what it allows."""

from __future__ import annotations

from functools import partial

import asyncpg
import pytest

from teams import ROLES, Person, Team, at_once


@pytest.fixture
def team(api) -> Team:
    return Team.found(api)


def test_the_four_roles(team: Team):
    roles = team.owner.must("GET", f"{team.slug}/roles")
    assert {role["name"]: role["id"] for role in roles["org_scoped_roles"]} == ROLES
    assert all(role["base_role_id"] == role["id"] for role in roles["org_scoped_roles"])
    assert all(role["projects"] == [] for role in roles["org_scoped_roles"])


def test_a_role_is_given_and_counts_at_once(team: Team):
    person = team.join("Read-only", person=Person(team.api))
    (listed,) = person.client.get("/platform/organizations").json()
    assert (listed["slug"], listed["is_owner"]) == (team.slug, False)
    wish = {"name": "Mars", "organization_slug": team.slug}
    assert person.client.post("/platform/projects", json=wish).status_code == 403
    team.owner.must("PATCH", f"{team.slug}/members/{person.gotrue_id}", {"role_id": 2})
    assert team.roles()[person.email] == [2]
    assert person.client.post("/platform/projects", json=wish).status_code == 201


def test_a_member_as_studio_reads_it(team: Team):
    member = team.owner.must("GET", f"{team.slug}/members")[0]
    assert member == {
        "gotrue_id": team.owner.gotrue_id,
        "primary_email": team.owner.email,
        "username": team.owner.email.partition("@")[0],
        "role_ids": [1],
        "mfa_enabled": False,
        "is_sso_user": False,
        "metadata": {},
    }


def test_a_role_in_some_projects(api):
    team = Team.found(api)
    first, second, third = (team.project() for _ in range(3))
    person = team.join("Developer", first, second, person=Person(api))
    (role,) = team.owner.must("GET", f"{team.slug}/roles")["project_scoped_roles"]
    assert (role["name"], role["base_role_id"]) == ("Developer", 3)
    assert [project["ref"] for project in role["projects"]] == [first, second]
    assert team.roles()[person.email] == [role["id"]]
    assert person.projects() == [first, second]
    assert {tuple(grant["project_refs"]) for grant in person.grants()} == {
        tuple(sorted((first, second)))
    }

    path = f"{team.slug}/members/{person.gotrue_id}/roles/{role['id']}"
    change = {"name": "Night shift", "role_scoped_projects": [third]}
    team.owner.must("PUT", path, change)
    (role,) = team.owner.must("GET", f"{team.slug}/roles")["project_scoped_roles"]
    assert (role["name"], [each["ref"] for each in role["projects"]]) == ("Night shift", [third])
    assert person.projects() == [third]

    for wrong in ([], ["abcdefghijklmnopqrst"], [third, "x" * 30]):
        refused = team.owner.ask("PUT", path, {"name": "x", "role_scoped_projects": wrong})
        assert refused.status_code in (400, 404), refused.text
    assert person.projects() == [third]

    body = {"role_id": 4, "role_scoped_projects": [first]}
    team.owner.must("PATCH", f"{team.slug}/members/{person.gotrue_id}", body)
    assert person.projects() == [first, third]
    assert person.client.get(f"/platform/projects/{first}").status_code == 200
    assert person.client.post(f"/platform/projects/{first}/pause").status_code == 403

    team.owner.must("DELETE", path)
    assert person.projects() == [first]
    assert team.owner.ask("DELETE", path).status_code == 404


def test_a_member_without_roles_stays_one(team: Team):
    """As Studio does it: it takes the old role, and gives the new one after it."""
    person = team.join("Developer", person=Person(team.api))
    team.owner.must("DELETE", f"{team.slug}/members/{person.gotrue_id}/roles/3")
    assert team.roles()[person.email] == []
    assert person.grants() == []
    assert person.ask("GET", team.slug).status_code == 403
    team.owner.must("PATCH", f"{team.slug}/members/{person.gotrue_id}", {"role_id": 4})
    assert person.ask("GET", team.slug).status_code == 200


def test_ownership_is_handed_over(api):
    team = Team.found(api, Person(api))
    heir = team.join("Administrator", person=Person(api))
    alone = team.owner.ask("DELETE", f"{team.slug}/members/{team.owner.gotrue_id}")
    assert (alone.status_code, "owner" in alone.json()["message"]) == (409, True)
    team.owner.must("PATCH", f"{team.slug}/members/{heir.gotrue_id}", {"role_id": 1})
    team.owner.must("DELETE", f"{team.slug}/members/{team.owner.gotrue_id}")
    assert team.owner.ask("GET", team.slug).status_code == 404
    assert team.owner.grants() == []
    (member,) = heir.must("GET", f"{team.slug}/members")
    assert (member["gotrue_id"], member["role_ids"]) == (heir.gotrue_id, [1])
    assert heir.client.get("/platform/organizations").json()[0]["is_owner"] is True


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [("PATCH", "", {"role_id": 2}), ("DELETE", "/roles/1", None), ("DELETE", "", None)],
)
def test_the_last_owner_stays_one(api, method: str, suffix: str, body: object):
    team = Team.found(api)
    team.join("Administrator")
    answer = team.owner.ask(method, f"{team.slug}/members/{team.owner.gotrue_id}{suffix}", body)
    assert answer.status_code == 409
    assert team.roles()[team.owner.email] == [1]


def test_of_two_owners_who_leave_at_once_one_stays(api):
    for _ in range(3):
        team = Team.found(api)
        other = team.join("Owner")
        answers = at_once(
            *(
                partial(who.ask, "DELETE", f"{team.slug}/members/{who.gotrue_id}")
                for who in (team.owner, other)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        stays = team.owner if answers[0].status_code == 409 else other
        (member,) = stays.must("GET", f"{team.slug}/members")
        assert (member["gotrue_id"], member["role_ids"]) == (stays.gotrue_id, [1])


def test_of_two_owners_who_remove_each_other_one_stays(api):
    """Whoever comes second is no owner any more, whatever it was when it asked."""
    for _ in range(3):
        team = Team.found(api)
        other = team.join("Owner")
        pairs = ((team.owner, other), (other, team.owner))
        answers = at_once(
            *(
                partial(one.ask, "DELETE", f"{team.slug}/members/{another.gotrue_id}")
                for one, another in pairs
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200, 404]


def test_an_administrator_makes_and_removes_no_owner(team: Team):
    admin, other = team.join("Administrator"), team.join("Developer")
    members = f"{team.slug}/members"
    assert admin.ask("PATCH", f"{members}/{other.gotrue_id}", {"role_id": 1}).status_code == 403
    assert admin.ask("PATCH", f"{members}/{admin.gotrue_id}", {"role_id": 1}).status_code == 403
    owner = f"{members}/{team.owner.gotrue_id}"
    assert admin.ask("PATCH", owner, {"role_id": 4}).status_code == 403
    assert admin.ask("DELETE", f"{owner}/roles/1").status_code == 403
    assert admin.ask("DELETE", owner).status_code == 403
    assert team.invite("x@example.test", "Owner", by=admin).status_code == 403
    assert team.roles()[team.owner.email] == [1]
    admin.must("PATCH", f"{members}/{other.gotrue_id}", {"role_id": 2})
    assert team.roles()[other.email] == [2]
    admin.must("DELETE", f"{members}/{other.gotrue_id}")
    assert other.email not in team.roles()


def test_nobody_limits_an_owner(api):
    """What a role in a project takes from the role in the organization."""
    team = Team.found(api)
    ref = team.project()
    admin, other = team.join("Administrator"), team.join("Developer")
    owner = f"{team.slug}/members/{team.owner.gotrue_id}"
    for role in (2, 4):
        body = {"role_id": role, "role_scoped_projects": [ref]}
        assert admin.ask("PATCH", owner, body).status_code == 403
        refused = team.owner.ask("PATCH", owner, body)
        assert (refused.status_code, "an owner owns" in refused.text) == (400, True)
    assert team.owner.must("GET", f"{team.slug}/roles")["project_scoped_roles"] == []
    assert team.owner.client.post(f"/platform/projects/{ref}/pause").status_code == 201

    member = f"{team.slug}/members/{other.gotrue_id}"
    admin.must("PATCH", member, {"role_id": 4, "role_scoped_projects": [ref]})
    assert len(team.roles()[other.email]) == 2
    team.owner.must("PATCH", member, {"role_id": 1})
    assert team.roles()[other.email] == [1]
    assert other.client.post(f"/platform/projects/{ref}/restore").status_code == 201


async def test_nobody_limits_an_owner_who_was_limited(own_api, database_url: str):
    """By the last version: an administrator does not change in which projects."""
    team = Team.found(own_api)
    ref = team.project()
    admin = team.join("Administrator")
    connection = await asyncpg.connect(database_url)
    try:
        role = await connection.fetchval(
            "INSERT INTO project_role (organization_id, account_id, role) "
            "SELECT m.organization_id, m.account_id, 'Read-only' FROM organization_membership m "
            "WHERE m.role = 'Owner' RETURNING id"
        )
    finally:
        await connection.close()
    path = f"{team.slug}/members/{team.owner.gotrue_id}/roles/{role}"
    body = {"name": "x", "role_scoped_projects": [ref]}
    assert admin.ask("PUT", path, body).status_code == 403
    assert team.owner.ask("PUT", path, body).status_code == 400
    team.owner.must("DELETE", path)
    assert team.roles()[team.owner.email] == [1]


@pytest.mark.parametrize("role", ["Developer", "Read-only"])
def test_who_may_not_may_leave(team: Team, role: str):
    person, other = team.join(role), team.join(role)
    members = f"{team.slug}/members"
    assert person.ask("DELETE", f"{members}/{other.gotrue_id}").status_code == 403
    assert person.ask("PATCH", f"{members}/{other.gotrue_id}", {"role_id": 4}).status_code == 403
    assert team.invite("x@example.test", "Read-only", by=person).status_code == 403
    person.must("DELETE", f"{members}/{person.gotrue_id}")
    assert person.email not in team.roles()
    assert person.ask("GET", team.slug).status_code == 404


def test_an_administrator_of_one_project_rules_nobody(api):
    team = Team.found(api)
    person = team.join("Administrator", team.project())
    other = team.join("Developer")
    members = f"{team.slug}/members"
    assert person.ask("DELETE", f"{members}/{other.gotrue_id}").status_code == 403
    assert person.ask("PATCH", f"{members}/{other.gotrue_id}", {"role_id": 4}).status_code == 403
    assert team.invite("x@example.test", "Developer", by=person).status_code == 403
    person.must("DELETE", f"{members}/{person.gotrue_id}")
    assert person.email not in team.roles()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"role_id": 0},
        {"role_id": 5},
        {"role_id": "x"},
        {"role_id": 2**31},
        {"role_id": 3, "role_scoped_projects": []},
        {"role_id": 3, "role_scoped_projects": "x"},
        {"role_id": 1, "role_scoped_projects": ["abcdefghijklmnopqrst"]},
        {"role_id": 3, "role_scoped_projects": ["a\0b"]},
    ],
)
def test_rubbish_changes_nothing(team: Team, body: object):
    before = team.roles()
    answer = team.owner.ask("PATCH", f"{team.slug}/members/{team.owner.gotrue_id}", body)
    assert (answer.status_code, bool(answer.json()["message"])) == (400, True)
    assert team.roles() == before


def test_who_is_not_there(team: Team):
    stranger = team.guest()
    for gotrue_id in (stranger.gotrue_id, "00000000-0000-0000-0000-000000000000"):
        answer = team.owner.ask("PATCH", f"{team.slug}/members/{gotrue_id}", {"role_id": 3})
        assert (answer.status_code, answer.json()) == (404, {"message": "Member not found"})
    assert team.owner.ask("DELETE", f"{team.slug}/members/x").status_code == 400
    foreign = Team.found(team.api).project()
    body = {"role_id": 3, "role_scoped_projects": [foreign]}
    person = team.join("Read-only")
    answer = team.owner.ask("PATCH", f"{team.slug}/members/{person.gotrue_id}", body)
    assert (answer.status_code, answer.json()) == (404, {"message": "Project not found"})
    assert team.roles()[person.email] == [4]
