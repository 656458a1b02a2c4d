"""An organization that only lets in who has a second factor; and invitations by mail."""

from __future__ import annotations

import httpx

import inbox
from secondfactors import set_up
from teams import Person, Team, tell

MAILED = {"MAILER_AUTOCONFIRM": "true"}


def enforce(team: Team, enforced: bool) -> httpx.Response:
    path = f"{team.slug}/members/mfa/enforcement"
    return team.owner.ask("PATCH", path, {"enforced": enforced})


def listed(person: Person) -> dict[str, object]:
    (organization,) = person.client.get("/platform/organizations").json()
    return dict(organization)


def test_who_has_none_is_locked_out_until_there_is_one(api):
    team = Team.found(api, Person(api))
    person = team.join("Developer", person=Person(api))
    ref = team.project()
    path = f"{team.slug}/members/mfa/enforcement"
    refused = enforce(team, enforced=True)
    assert (refused.status_code, "locked out" in refused.json()["message"]) == (400, True)
    set_up(team.owner.client)
    assert enforce(team, enforced=True).status_code == 200
    assert team.owner.must("GET", path) == {"enforced": True}
    members = team.owner.must("GET", f"{team.slug}/members")
    assert {each["primary_email"]: each["mfa_enabled"] for each in members} == {
        team.owner.email: True,
        person.email: False,
    }

    assert listed(person)["organization_requires_mfa"] is True
    assert listed(team.owner)["organization_requires_mfa"] is False
    for answer in (
        person.ask("GET", team.slug),
        person.ask("GET", f"{team.slug}/projects"),
        person.client.get(f"/platform/projects/{ref}"),
    ):
        assert answer.status_code == 403
        assert "second factor" in answer.json()["message"]
    assert (person.projects(), person.grants()) == ([], [])

    set_up(person.client)
    assert listed(person)["organization_requires_mfa"] is False
    assert person.projects() == [ref]
    assert person.client.get(f"/platform/projects/{ref}").status_code == 200
    assert person.ask("PATCH", path, {"enforced": False}).status_code == 403
    assert enforce(team, enforced=False).status_code == 200
    assert team.owner.must("GET", path) == {"enforced": False}


async def test_who_is_locked_out_is_told_nothing(own_api, database_url: str):
    team = Team.found(own_api, Person(own_api))
    person = team.join("Developer", person=Person(own_api))
    (notice,) = await tell(database_url, team.project())
    path = "/platform/notifications"
    mark = [{"id": notice, "status": "archived"}]
    assert [each["id"] for each in person.client.get(path).json()] == [notice]
    set_up(team.owner.client)
    assert enforce(team, enforced=True).status_code == 200

    assert person.client.get(path).json() == []
    assert person.client.get(f"{path}/summary").json()["unread_count"] == 0
    assert person.client.patch(path, json=mark).status_code == 404
    assert person.client.patch(f"{path}/archive-all").status_code == 200

    set_up(person.client)
    (told,) = person.client.get(path).json()
    assert (told["id"], told["status"]) == (notice, "new")
    assert person.client.get(f"{path}/summary").json()["unread_count"] == 1
    assert person.client.patch(path, json=mark).status_code == 200


def test_a_token_from_before_the_second_factor_is_not_let_in(api):
    team = Team.found(api, Person(api))
    person = team.join("Developer", person=Person(api))
    tokens = "/platform/profile/access-tokens"
    early = person.client.post(tokens, json={"name": "early"}).json()["token"]
    set_up(team.owner.client)
    assert enforce(team, enforced=True).status_code == 200
    path = f"/platform/organizations/{team.slug}"
    with api.client(early) as program:
        assert program.get(path).status_code == 403
        set_up(person.client)
        answer = program.get(path)
        assert (answer.status_code, "access token" in answer.json()["message"]) == (403, True)
    late = person.client.post(tokens, json={"name": "late"}).json()["token"]
    with api.client(late) as program:
        assert program.get(path).status_code == 200


def test_an_invitation_comes_by_mail(mailed):
    """Then whoever invites is not told the link."""
    team = Team.found(mailed.api, Person(mailed.api))
    invited = Person(mailed.api)
    answer = team.invite(invited.email, "Developer")
    assert (answer.status_code, answer.json()["link"]) == (201, None)
    message = mailed.inbox.wait(invited.email)
    assert "Acme" in message["subject"]
    assert team.owner.email in inbox.text(message)
    link = inbox.link(message)
    assert link.startswith("https://studio.test/join?token=")
    assert invited.accept(link).status_code == 201
    assert team.roles()[invited.email] == [3]
