"""Invitations, from the link to the member."""

from __future__ import annotations

import json
from functools import partial
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

import inbox as inboxes
from inbox import Inbox
from teams import Person, Team, at_once


@pytest.fixture
def team(api) -> Team:
    return Team.found(api)


def opened(person: Person, link: str) -> dict[str, object]:
    query = parse_qs(urlsplit(link).query)
    path = f"{query['slug'][0]}/members/invitations/{query['token'][0]}"
    return dict(person.must("GET", path))


def listed(team: Team) -> dict[str, dict[str, object]]:
    answer = team.owner.must("GET", f"{team.slug}/members/invitations")
    return {each["invited_email"]: each for each in answer["invitations"]}


def test_from_the_link_to_the_member(team: Team):
    person, stranger = team.guest(), team.guest()
    invited = team.invite(person.email.upper(), "Developer")
    assert invited.status_code == 201
    link = invited.json()["link"]
    assert link.startswith("https://studio.test/join?token=")
    (entry,) = [each for each in listed(team).values() if each["id"] == invited.json()["id"]]
    assert entry["role_id"] == 3
    assert "link" not in entry
    assert opened(person, link) == {
        "organization_name": "Acme",
        "email_match": True,
        "authorized_user": True,
        "expired_token": False,
        "token_does_not_exist": False,
        "sso_mismatch": False,
        "invite_id": entry["id"],
    }
    assert opened(stranger, link)["email_match"] is False
    assert stranger.accept(link).status_code == 403
    assert person.ask("GET", team.slug).status_code == 404
    joined = person.accept(link)
    assert (joined.status_code, joined.json()["organization_slug"]) == (201, team.slug)
    assert team.roles()[person.email] == [3]
    assert person.email not in listed(team)
    assert person.accept(link).status_code == 404
    assert opened(person, link)["token_does_not_exist"] is True


def test_the_paths_of_2024(team: Team):
    person = team.guest()
    body = {"invited_email": person.email, "owner_id": 1, "role_id": 4}
    invited = team.owner.client.post(f"/organizations/{team.slug}/members/invite", json=body)
    assert invited.status_code == 201
    assert person.accept(invited.json()["link"]).status_code == 201
    member = f"/organizations/{team.slug}/members/{person.gotrue_id}"
    assert team.owner.client.patch(member, json={"role_id": 3}).status_code == 200
    assert team.roles()[person.email] == [3]
    assert team.owner.client.delete(member).status_code == 200
    assert person.email not in team.roles()


def test_invited_again_the_first_link_is_void(team: Team):
    person = team.guest()
    first = team.invite(person.email, "Owner").json()["link"]
    second = team.invite(person.email, "Read-only").json()["link"]
    assert [each for each in listed(team) if each == person.email] == [person.email]
    assert person.accept(first).status_code == 404
    assert person.accept(second).status_code == 201
    assert team.roles()[person.email] == [4]


def test_revoked(team: Team):
    person = team.guest()
    made = team.invite(person.email, "Developer").json()
    path = f"{team.slug}/members/invitations/{made['id']}"
    team.owner.must("DELETE", path)
    assert person.email not in listed(team)
    assert person.accept(made["link"]).status_code == 404
    assert team.owner.ask("DELETE", path).status_code == 404


def test_an_administrator_revokes_no_owners_invitation(team: Team):
    admin = team.join("Administrator")
    made = team.invite("boss@example.test", "Owner").json()
    path = f"{team.slug}/members/invitations/{made['id']}"
    assert admin.ask("DELETE", path).status_code == 403
    team.owner.must("DELETE", path)


def test_of_two_that_accept_at_once_one_does(team: Team):
    person = team.guest()
    link = team.invite(person.email, "Developer").json()["link"]
    answers = at_once(*[partial(person.accept, link)] * 4)
    assert sorted(answer.status_code for answer in answers) == [201, 404, 404, 404]
    assert team.roles()[person.email] == [3]


def test_a_link_of_another_organization_says_nothing(api, team: Team):
    person = team.guest()
    link = team.invite(person.email, "Owner").json()["link"]
    other = Team.found(api)
    token = parse_qs(urlsplit(link).query)["token"][0]
    answers = [
        person.must("GET", f"{slug}/members/invitations/{token}")
        for slug in (other.slug, "nobody-has-this")
    ]
    assert answers[0] == answers[1]
    assert answers[0]["token_does_not_exist"] is True
    assert person.ask("POST", f"{other.slug}/members/invitations/{token}").status_code == 404


def test_who_is_a_member_is_not_invited(team: Team):
    person = team.join("Developer")
    answer = team.invite(person.email.upper(), "Owner")
    assert (answer.status_code, team.roles()[person.email]) == (409, [3])


def test_what_is_refused(team: Team):
    before = listed(team)
    path = f"{team.slug}/members/invitations"
    for body in (
        {},
        {"email": "x", "role_id": 3},
        {"email": "a\0b@example.test", "role_id": 3},
        {"email": "a@example.test"},
        {"email": "a@example.test", "role_id": 9},
        {"email": "a@example.test", "role_id": 3, "role_scoped_projects": []},
        {"email": "a@example.test", "role_id": 1, "role_scoped_projects": ["x"]},
        {"email": "a@example.test", "role_id": 3, "require_sso": True},
    ):
        assert team.owner.ask("POST", path, body).status_code == 400, body
    foreign = Team.found(team.api).project()
    body = {"email": "a@example.test", "role_id": 3, "role_scoped_projects": [foreign]}
    assert team.owner.ask("POST", path, body).status_code == 404
    assert listed(team) == before


async def test_only_for_a_time_and_only_a_hash_is_kept(own_api, database_url: str):
    team = Team.found(own_api)
    person = Person(own_api)
    link = team.invite(person.email, "Developer").json()["link"]
    token = parse_qs(urlsplit(link).query)["token"][0]
    connection = await asyncpg.connect(database_url)
    try:
        dump = await connection.fetchval(
            "SELECT string_agg(i::text, ' ') FROM organization_invitation AS i"
        )
        await connection.execute(
            "UPDATE organization_invitation SET expires_at = now() - interval '1 second'"
        )
    finally:
        await connection.close()
    assert token not in dump
    assert token not in own_api.logs
    assert opened(person, link)["expired_token"] is True
    answer = person.accept(link)
    assert (answer.status_code, "expired" in answer.json()["message"]) == (400, True)
    assert person.email not in team.roles()
    again = team.invite(person.email, "Developer").json()["link"]
    assert person.accept(again).status_code == 201


def test_invitations_are_limited_over_all_processes(own_api, api_process):
    """Of an account in all its organizations; and of an organization, whoever invites."""
    own_api.stop()
    rates = {"invite-account": [3, 600], "invite-organization": [4, 600]}
    environment = own_api.environment | {
        "RATE_LIMITS": json.dumps({**json.loads(own_api.environment["RATE_LIMITS"]), **rates})
    }
    api = api_process(**environment)
    other = api_process(**environment)
    team = Team.found(api)
    admin = team.join("Administrator")
    second = Team.found(api, team.owner)
    body = {"email": "new@example.test", "role_id": 3}
    path = f"/platform/organizations/{team.slug}/members/invitations"
    headers = {"Authorization": team.owner.client.headers["Authorization"]}
    with other.client() as client:
        answers = [client.post(path, json=body, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[-1].headers["Retry-After"]) > 500
    assert "message" in answers[-1].json()
    assert second.invite("x@example.test", "Developer").status_code == 429
    assert team.invite("a@example.test", "Developer", by=admin).status_code == 201
    assert team.invite("b@example.test", "Developer", by=admin).status_code == 429
    assert set(listed(team)) == {"new@example.test", "a@example.test"}


def test_an_invitation_is_mailed_where_mails_are_sent(own_api, api_process):
    person = Person(own_api)
    team = Team.found(own_api, name="A & B")
    with Inbox() as inbox:
        mailing = api_process(**inbox.environment)
        with mailing.client() as client:
            invited = client.post(
                f"/platform/organizations/{team.slug}/members/invitations",
                json={"email": person.email, "role_id": 3},
                headers={"Authorization": team.owner.client.headers["Authorization"]},
            )
        assert invited.status_code == 201
        assert invited.json()["link"] is None
        mail = inbox.wait(person.email)
    assert mail["Subject"] == "You are invited to A & B"
    assert team.owner.email in inboxes.text(mail)
    assert "as Developer" in inboxes.text(mail)
    assert person.accept(inboxes.link(mail)).status_code == 201
    assert team.roles()[person.email] == [3]
