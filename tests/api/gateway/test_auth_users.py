"""Users of a project's auth service, on a stub of it."""

from __future__ import annotations

import secrets
import uuid

import pytest


@pytest.fixture
def user(place, client) -> str:
    body = {"email": f"{secrets.token_hex(4)}@example.test", "password": "p", "email_confirm": True}
    answer = client.post(f"/platform/auth/{place.ref}/users", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def test_a_user_is_made_with_what_an_administrator_may_say(place, client, services):
    body = {
        "email": f"{secrets.token_hex(4)}@example.test",
        "password": "p",
        "email_confirm": True,
        "role": "service_role",
        "app_metadata": {"admin": True},
    }
    answer = client.post(f"/platform/auth/{place.ref}/users", json=body)
    assert answer.status_code == 200, answer.text
    made = services.users[answer.json()["id"]]
    assert (made["email"], made["email_confirm"]) == (body["email"], True)
    assert "role" not in made
    assert "app_metadata" not in made
    assert "set-cookie" not in answer.headers


def test_the_key_is_ours_and_goes_to_nobody_else(place, client, services, user):
    asked = services.asked[-1]
    assert asked.headers["apikey"] == services.service_key
    assert asked.headers["authorization"] == f"Bearer {services.service_key}"
    assert place.owner.client.headers["authorization"] not in asked.headers.values()
    assert "cookie" not in asked.headers
    assert services.service_key not in place.api.logs


def test_what_the_service_refuses_is_said_in_its_words(place, client, services, user):
    body = {"email": services.users[user]["email"], "password": "p"}
    answer = client.post(f"/platform/auth/{place.ref}/users", json=body)
    assert answer.status_code == 422
    assert answer.json()["error_code"] == "email_exists"
    assert answer.json()["msg"].startswith("A user with this email")


def test_a_user_is_banned_and_let_in_again(place, client, services, user):
    for duration in ("24h", "none"):
        answer = client.patch(
            f"/platform/auth/{place.ref}/users/{user}", json={"ban_duration": duration}
        )
        assert answer.status_code == 200, answer.text
        assert services.users[user]["ban_duration"] == duration


def test_a_user_is_deleted_in_both_generations(place, client, services, user):
    assert client.delete(f"/platform/auth/{place.ref}/users/{user}").status_code == 200
    assert user not in services.users
    again = client.delete(f"/platform/auth/{place.ref}/users/{user}")
    assert (again.status_code, again.json()["msg"]) == (404, "User not found")

    answer = client.post(f"/auth/{place.ref}/users", json={"email": "old@example.test"})
    whole = {"id": answer.json()["id"], "email": "old@example.test", "role": "authenticated"}
    deleted = client.request("DELETE", f"/auth/{place.ref}/users", json=whole)
    assert deleted.status_code == 200, deleted.text
    assert whole["id"] not in services.users


def test_all_second_factors_of_a_user_are_taken(place, client, services, user):
    services.users[user]["factors"] = [{"id": str(uuid.uuid4())}, {"id": str(uuid.uuid4())}]
    answer = client.delete(f"/platform/auth/{place.ref}/users/{user}/factors")
    assert (answer.status_code, len(answer.json())) == (200, 2)
    assert services.users[user]["factors"] == []
    unknown = client.delete(f"/platform/auth/{place.ref}/users/{uuid.uuid4()}/factors")
    assert unknown.status_code == 404


def test_mails_and_messages_are_sent(place, client, services):
    address = f"{secrets.token_hex(4)}@example.test"
    whole = {"id": str(uuid.uuid4()), "email": address, "phone": "4912345"}
    for kind in ("invite", "magiclink", "recover", "otp"):
        answer = client.post(f"/platform/auth/{place.ref}/{kind}", json=whole)
        assert answer.status_code == 200, answer.text
    assert services.mails[-4:] == [
        ("invite", address),
        ("magiclink", address),
        ("recover", address),
        ("otp", "4912345"),
    ]
    missing = client.post(f"/platform/auth/{place.ref}/invite", json={"phone": "1"})
    assert (missing.status_code, missing.json()) == (400, {"message": "email: is missing"})


@pytest.mark.parametrize("user", ["..", "%2e%2e", "x", "../settings", "..%2f..%2fadmin"])
def test_only_ids_name_users(place, client, services, user):
    before = len(services.asked)
    answer = client.delete(f"/platform/auth/{place.ref}/users/{user}")
    assert answer.status_code in (400, 404, 405, 422)
    assert len(services.asked) == before


def test_a_developer_may_and_a_reader_may_not(place):
    url = f"/platform/auth/{place.ref}/users"
    body = {"email": f"{secrets.token_hex(4)}@example.test"}
    with place.member("Developer") as developer:
        assert developer.post(url, json=body).status_code == 200
    with place.member("Read-only") as reader:
        refused = reader.post(url, json=body)
        assert (refused.status_code, "auth:Execute" in refused.text) == (403, True)


def test_without_keys_or_with_wrong_ones_it_is_said_so(place, client, services):
    other = place.owner.create()
    url = f"/platform/auth/{other}/users"
    answer = client.post(url, json={"email": "a@example.test"})
    assert answer.status_code == 503
    assert "no keys yet" in answer.json()["message"]
    place.put_secret(other, "keys", {"service-role-key": "another"})
    answer = client.post(url, json={"email": "a@example.test"})
    assert answer.status_code == 503
    assert answer.json() == {"message": "The project's gateway refuses our key"}


def test_what_is_asked_for_is_in_the_audit_log(place, client, services, user):
    email = services.users[user]["email"]
    client.post(f"/platform/auth/{place.ref}/invite", json={"email": "i@example.test"})
    client.delete(f"/platform/auth/{place.ref}/users/{user}")
    client.post(f"/platform/storage/{place.ref}/buckets", json={"id": "audited"})
    client.request(
        "DELETE", f"/platform/storage/{place.ref}/buckets/audited/objects", json={"paths": ["a"]}
    )
    before = len(place.management.audited(place.ref))
    client.get(f"/platform/storage/{place.ref}/buckets")
    told = place.management.audited(place.ref)
    assert len(told) == before
    assert [each[1:] for each in told[-5:]] == [
        ("auth", f"create user {email}"),
        ("auth", "send invite to i@example.test"),
        ("auth", f"delete user {user}"),
        ("storage", "create bucket audited"),
        ("storage", "delete 1 objects of bucket audited: a"),
    ]
    email = client.get("/auth/v1/user").json()["email"]
    assert {each[0] for each in told[-5:]} == {email}
