"""What a member is told of projects that its roles do not let it see."""

from __future__ import annotations

import json

from teams import Person, Team, tell

NOTIFICATIONS = "/platform/notifications"
HIDING = {
    "Read-only": [
        {"actions": ["read:Read"], "resources": ["%"]},
        {"actions": ["read:Read"], "resources": ["projects"], "restrictive": True},
    ]
}


def told(person: Person) -> set[str]:
    return {each["data"]["project_ref"] for each in person.client.get(NOTIFICATIONS).json()}


def test_a_member_of_one_project_reads_of_no_other(api):
    team = Team.found(api)
    first, second, third = (team.project() for _ in range(3))
    person = team.join("Developer", first)
    team.join("Administrator", first, second)
    team.join("Read-only", third)

    def named(by: Person) -> list[list[str]]:
        roles = by.must("GET", f"{team.slug}/roles")["project_scoped_roles"]
        return [[project["ref"] for project in role["projects"]] for role in roles]

    assert named(team.owner) == [[first], [first, second], [third]]
    assert named(person) == [[first], [first], []]

    usage = f"{team.slug}/usage?project_ref="
    assert person.ask("GET", usage + first).status_code == 200
    unknown = person.ask("GET", usage + "a" * 20)
    for ref in (second, third):
        assert team.owner.ask("GET", usage + ref).status_code == 200
        answer = person.ask("GET", usage + ref)
        assert (answer.status_code, answer.json()) == (404, unknown.json())


async def test_a_hidden_project_is_not_told_of(api_process, database_url: str):
    """Whatever hides it: that no role reaches it, or the table."""
    api = api_process(PERMISSIONS=json.dumps(HIDING))
    team = Team.found(api, Person(api))
    first, second = team.project(), team.project()
    limited = team.join("Developer", first, person=Person(api))
    nobody = team.join("Read-only", first, person=Person(api))
    # In the second project the role that is limited to it decides alone.
    mixed = team.join("Developer", person=Person(api))
    body = {"role_id": 4, "role_scoped_projects": [second]}
    team.owner.must("PATCH", f"{team.slug}/members/{mixed.gotrue_id}", body)
    _, hidden = await tell(database_url, first, second)

    assert told(team.owner) == {first, second}
    for person, seen in ((limited, {first}), (mixed, {first}), (nobody, set())):
        assert (told(person), set(person.projects())) == (seen, seen)
        summary = person.client.get(f"{NOTIFICATIONS}/summary").json()
        assert summary["unread_count"] == len(seen)
        mark = [{"id": hidden, "status": "seen"}]
        assert person.client.patch(NOTIFICATIONS, json=mark).status_code == 404
        assert person.client.patch(f"{NOTIFICATIONS}/archive-all").status_code == 200

    # What was hidden was not put away with the rest.
    team.owner.must("PATCH", f"{team.slug}/members/{mixed.gotrue_id}", {"role_id": 2})
    path = f"{team.slug}/members/{mixed.gotrue_id}/roles"
    (role,) = (number for number in team.roles()[mixed.email] if number > 4)
    team.owner.must("DELETE", f"{path}/{role}")
    found = mixed.client.get(f"{NOTIFICATIONS}?status=new").json()
    assert [each["id"] for each in found] == [hidden]
