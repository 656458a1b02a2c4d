"""Several people, and this program, change one resource."""

from __future__ import annotations

from asking import eventually


def ready(owner, cluster) -> str:
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    cluster.activate(ref)
    owner.await_word(ref, "ACTIVE_HEALTHY")
    return ref


def test_a_field_of_the_request_is_somebody_elses(owner, cluster, rows):
    ref = ready(owner, cluster)
    cluster.apply(ref, {"paused": False})
    answer = owner.client.post(f"/platform/projects/{ref}/pause")
    assert answer.status_code == 409, answer.text
    assert answer.json()["message"] == 'spec.paused is owned by "kubectl"'
    assert rows("SELECT intent_revision AS r FROM project") == [{"r": 1}]
    assert owner.word(ref) == "ACTIVE_HEALTHY"
    assert owner.client.post(f"/platform/projects/{ref}/restore").status_code == 201


def test_an_older_field_is_left_out(owner, cluster, rows):
    ref = ready(owner, cluster)
    cluster.apply(ref, {"displayName": "Theirs"}, force=True)
    eventually(lambda: owner.client.get(f"/platform/projects/{ref}").json()["name"] == "Theirs")
    assert owner.client.post(f"/platform/projects/{ref}/pause").status_code == 201
    live = eventually(
        lambda: (found := cluster.project(ref))["spec"]["paused"] and found,
    )
    assert live["spec"]["displayName"] == "Theirs"
    eventually(lambda: rows("SELECT id FROM project WHERE applied_revision = 2"))
    detail = owner.client.get(f"/platform/projects/{ref}").json()
    assert detail["left_out"] == [{"field": "spec.displayName", "owner": "kubectl"}]
    assert detail["name"] == "Theirs"
    assert detail["apply_error"] is None

    # Once it is given back, it is ours again.
    cluster.apply(ref)
    assert owner.client.post(f"/platform/projects/{ref}/restore").status_code == 201
    eventually(lambda: cluster.project(ref)["spec"]["displayName"] == "Mars")
    eventually(lambda: rows("SELECT id FROM project WHERE left_out = '[]'"))


def test_a_pause_by_kubectl_is_seen(owner, cluster):
    ref = ready(owner, cluster)
    cluster.apply(ref, {"paused": True})
    owner.await_word(ref, "PAUSING")
    cluster.report(ref, Ready="False/Paused", Paused="True/Requested")
    owner.await_word(ref, "INACTIVE")
    answer = owner.client.post(f"/platform/projects/{ref}/restore")
    assert answer.status_code == 409
    assert '"kubectl"' in answer.json()["message"]


def test_a_conflict_while_the_cluster_was_away(owner, cluster, rows):
    """The applier hears it, undoes the request and tells."""
    ref = ready(owner, cluster)
    cluster.apply(ref, {"paused": False})
    cluster.control_plane.stop_apiserver()
    try:
        answer = owner.client.post(f"/platform/projects/{ref}/pause")
        assert answer.status_code == 201, answer.text
        assert owner.word(ref) == "PAUSING"
    finally:
        cluster.control_plane.start_apiserver()
    owner.await_word(ref, "ACTIVE_HEALTHY")
    detail = owner.client.get(f"/platform/projects/{ref}").json()
    assert detail["apply_error"] == {
        "code": 409,
        "message": 'spec.paused is owned by "kubectl"',
    }
    assert owner.status(ref)["message"] == 'spec.paused is owned by "kubectl"'


def test_a_refusal_while_the_cluster_was_away(owner, cluster):
    """A project that the cluster does not take is not coming up."""
    cluster.control_plane.stop_apiserver()
    try:
        ref = owner.create(auth_site_url="not a url")
        assert owner.word(ref) == "COMING_UP"
    finally:
        cluster.control_plane.start_apiserver()
    owner.await_word(ref, "INIT_FAILED")
    error = owner.status(ref)["apply_error"]
    assert error["code"] == 422
    assert "spec.auth.siteURL" in error["message"]
    assert cluster.project(ref) is None
    assert owner.client.delete(f"/platform/projects/{ref}").status_code == 200
    owner.await_word(ref, "REMOVED")
