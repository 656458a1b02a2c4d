"""Server-sent events of a project."""

from __future__ import annotations

import json
import queue
import socket
import time

import pytest

from asking import eventually, new_owner
from listening import listening


def word(status: str):
    return lambda event: event.data["status"] == status


def test_a_change_is_told_at_every_process_and_taken_up_again(owner, api, api_process, cluster):
    second = api_process()
    ref = owner.create()
    with (
        listening(api, owner.token, ref) as one,
        listening(second, owner.token, ref) as other,
    ):
        assert one.response.headers["Content-Type"].startswith("text/event-stream")
        assert one.response.headers["Cache-Control"] == "no-store"
        first = one.next()
        assert first.name == "status"
        assert first.data["status"] == "COMING_UP"
        eventually(lambda: cluster.project(ref))
        cluster.activate(ref)
        last = one.until(word("ACTIVE_HEALTHY"))
        assert other.until(word("ACTIVE_HEALTHY")).data["status"] == owner.status(ref)["status"]
    settled = owner.status(ref)

    def still() -> str:
        """The id of the newest event, once it says what is answered otherwise."""
        with listening(second, owner.token, ref) as listener:
            newest = listener.next()
            assert newest.data == owner.status(ref)
            return newest.id

    newest = eventually(still)
    assert settled["status"] == last.data["status"]
    with listening(second, owner.token, ref, last=newest) as again:
        with pytest.raises(queue.Empty):
            again.next(seconds=0.5)
        owner.client.post(f"/platform/projects/{ref}/pause")
        assert again.next().data["status"] == "PAUSING"
    with listening(api, owner.token, ref, last=newest) as later:
        assert later.next().data["status"] == "PAUSING"


def test_who_may_not_look_any_more_is_told_and_left(owner, api, management):
    ref = owner.create()
    guest = api.new_account()
    with api.client(guest.token) as client:
        assert client.get(f"/platform/projects/{ref}/events").status_code == 404
    management.add_member(guest.email, owner.organization["id"], role="Read-only")
    with listening(api, guest.token, ref) as removed, listening(api, owner.token, ref) as kept:
        assert removed.next().name == "status"
        management.run(
            "DELETE FROM organization_membership WHERE account_id = "
            f"(SELECT id FROM accounts WHERE email = '{guest.email}')"
        )
        owner.client.post(f"/platform/projects/{ref}/pause")
        last = removed.until(lambda event: event.name != "status")
        assert (last.name, last.data) == ("end", {"message": "Project not found"})
        assert removed.next() is None
        kept.until(word("PAUSING"))
        owner.client.post("/auth/v1/logout?scope=local")
        assert kept.until(lambda event: event.name == "end").data["message"]
        assert kept.next() is None


def test_what_happened_while_nobody_could_listen_is_told(own_api, management):
    """The connections of the process are cut again and again, as a restart of PostgreSQL does."""
    with new_owner(own_api) as owner:
        ref = owner.create()
        with listening(own_api, owner.token, ref) as listener:
            cut(owner, ref, listener=listener, management=management)


def cut(owner, ref: str, *, listener, management) -> None:
    listener.until(word("COMING_UP"))
    for path, expected in (
        ("pause", "PAUSING"),
        ("restore", "COMING_UP"),
        ("pause", "PAUSING"),
    ):
        management.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        eventually(
            lambda path=path: (
                owner.client.post(f"/platform/projects/{ref}/{path}").status_code == 201
            )
        )
        listener.until(word(expected))


def test_a_planned_stop_ends_streams_and_finishes_requests(owner, api):
    ref = owner.create()
    body = json.dumps({"name": "Asked before the stop"}).encode()
    head = (
        "POST /platform/organizations HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {owner.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    assert api.process is not None
    with (
        listening(api, owner.token, ref) as listener,
        socket.create_connection(("127.0.0.1", api.port)) as request,
    ):
        assert listener.next() is not None
        request.sendall(head.encode() + body[:5])
        # It has been read when another request, sent after it, was answered.
        assert owner.client.get("/healthz").status_code == 200
        started = time.monotonic()
        api.process.terminate()
        while listener.next() is not None:
            pass
        request.sendall(body[5:])
        assert request.recv(1000).startswith(b"HTTP/1.1 201 ")
    assert api.wait_ended() in (0, -15)
    assert time.monotonic() - started < 5
    api.start()
    listed = owner.client.get("/platform/organizations").json()
    assert "Asked before the stop" in {each["name"] for each in listed}
