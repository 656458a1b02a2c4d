"""Projects that must not be deleted over HTTP."""

from __future__ import annotations

from asking import eventually
from supamanager_api.projects import protection


def detail(owner, ref):
    return owner.client.get(f"/platform/projects/{ref}").json()


def refused(owner, ref):
    answer = owner.client.delete(f"/platform/projects/{ref}")
    return (answer.status_code, answer.json().get("message")) == (409, protection.REFUSAL)


def test_protection_is_shown_switched_and_kept(owner, cluster):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    assert detail(owner, ref)["deletion_protection"] is False
    path = f"/platform/projects/{ref}"
    answer = owner.client.patch(path, json={"deletion_protection": True})
    assert (answer.status_code, answer.json()["name"]) == (200, "Mars")
    # Before and after the cluster knows of it.
    assert refused(owner, ref)
    assert detail(owner, ref)["deletion_protection"] is True
    eventually(lambda: cluster.project(ref)["spec"]["deletionProtection"])
    assert refused(owner, ref)
    assert owner.client.delete(f"/v1/projects/{ref}").status_code == 409
    assert owner.word(ref) == "COMING_UP"
    assert "deletionTimestamp" not in cluster.project(ref)["metadata"]

    answer = owner.client.patch(path, json={"name": "Venus"})
    assert answer.json()["name"] == "Venus"
    assert detail(owner, ref)["deletion_protection"] is True
    assert owner.client.patch(path, json={}).status_code == 400
    assert owner.client.patch(path, json={"deletion_protection": "perhaps"}).status_code == 400

    answer = owner.client.patch(f"/v1/projects/{ref}", json={"deletion_protection": False})
    assert answer.status_code == 200
    assert detail(owner, ref)["deletion_protection"] is False
    assert owner.client.delete(path).status_code == 200
    owner.await_word(ref, "REMOVED")
    assert cluster.project(ref) is None


def test_what_was_asked_for_first_is_done_first(owner, cluster):
    """The API server is away while protection is taken away and the project is deleted."""
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    path = f"/platform/projects/{ref}"
    owner.client.patch(path, json={"deletion_protection": True})
    eventually(lambda: cluster.project(ref)["spec"]["deletionProtection"])
    cluster.control_plane.stop_apiserver()
    try:
        assert owner.client.patch(path, json={"deletion_protection": False}).status_code == 200
        assert owner.client.delete(path).status_code == 200
    finally:
        cluster.control_plane.start_apiserver()
    owner.await_word(ref, "REMOVED")
    assert cluster.project(ref) is None


def test_what_kubectl_protects_is_protected(owner, cluster):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    cluster.apply(ref, {"deletionProtection": True})
    assert refused(owner, ref)
    eventually(lambda: detail(owner, ref)["deletion_protection"])
    answer = owner.client.patch(f"/platform/projects/{ref}", json={"deletion_protection": False})
    assert answer.status_code == 409
    assert '"kubectl"' in answer.json()["message"]


def test_protection_is_noticed_later(owner, cluster):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    cluster.apply(ref, {"deletionProtection": True})
    cluster.control_plane.stop_apiserver()
    try:
        assert owner.client.delete(f"/platform/projects/{ref}").status_code == 200
        assert owner.word(ref) == "GOING_DOWN"
    finally:
        cluster.control_plane.start_apiserver()
    owner.await_word(ref, "COMING_UP")
    assert owner.status(ref)["apply_error"] == {"code": 409, "message": protection.REFUSAL}
    assert "deletionTimestamp" not in cluster.project(ref)["metadata"]
