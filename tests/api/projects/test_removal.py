"""Projects that end: asked for here, or done in the cluster."""

from __future__ import annotations

import base64

import pytest

from asking import bound, eventually, new_owner


def test_deletion(owner, cluster, rows):
    ref = owner.create()
    made = eventually(lambda: cluster.project(ref))
    answer = owner.client.delete(f"/platform/projects/{ref}")
    assert answer.status_code == 200
    assert answer.json() == {"id": answer.json()["id"], "ref": ref, "name": "Mars"}
    assert owner.word(ref) in ("GOING_DOWN", "REMOVED")
    owner.await_word(ref, "REMOVED")
    assert made["metadata"]["uid"]
    assert cluster.project(ref) is None
    assert owner.client.get("/platform/projects").json() == []
    assert owner.client.delete(f"/platform/projects/{ref}").status_code == 200
    assert owner.client.post(f"/platform/projects/{ref}/pause").status_code == 404
    assert rows("SELECT ref FROM project_ref") == [{"ref": ref}]


def test_a_finalizer_is_waited_for(owner, cluster):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    cluster.kubectl(
        "patch", "sbp", ref, "--type=merge",
        "-p", '{"metadata":{"finalizers":["supamanager.io/project-cleanup"]}}',
    )  # fmt: skip
    owner.client.delete(f"/platform/projects/{ref}")
    eventually(lambda: cluster.project(ref)["metadata"].get("deletionTimestamp"))
    assert owner.word(ref) == "GOING_DOWN"
    assert owner.client.post(f"/platform/projects/{ref}/pause").status_code == 409
    cluster.kubectl("patch", "sbp", ref, "--type=merge", "-p", '{"metadata":{"finalizers":[]}}')
    owner.await_word(ref, "REMOVED")


def test_what_kubectl_deletes_stays_deleted(owner, cluster):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    cluster.activate(ref)
    cluster.kubectl("delete", "sbp", ref)
    owner.await_word(ref, "REMOVED")
    assert cluster.projects() == []


def test_what_is_gone_is_not_made_again(owner, cluster, api, rows, management):
    """A pause that is stored while nobody knows yet that the resource was deleted."""
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    eventually(lambda: rows("SELECT id FROM project WHERE applied_revision = 1"))
    api.stop()
    cluster.kubectl("delete", "sbp", ref)
    management.store_pause(ref)
    api.start()
    owner.await_word(ref, "REMOVED")
    assert cluster.projects() == []


def test_a_namesake_is_not_touched(owner, cluster, api, rows, management):
    """As above, but somebody made another resource of that name meanwhile."""
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    eventually(lambda: rows("SELECT id FROM project WHERE applied_revision = 1"))
    api.stop()
    cluster.kubectl("delete", "sbp", ref)
    cluster.apply(ref, {"displayName": "Another"})
    uid = cluster.project(ref)["metadata"]["uid"]
    management.store_pause(ref)
    api.start()
    owner.await_word(ref, "REMOVED")
    live = cluster.project(ref)
    assert live["metadata"]["uid"] == uid
    assert live["spec"]["displayName"] == "Another"
    assert not live["spec"]["paused"]
    adopted = eventually(
        lambda: rows(
            f"SELECT project_ref, organization_id FROM project WHERE resource_uid = '{uid}'"
        )
    )
    assert adopted[0]["project_ref"] != ref
    assert adopted[0]["organization_id"] is None


def test_an_old_ref_opens_nothing_of_a_namesake(owner, cluster, api, rows):
    """A resource of another organization that somebody made under a name which is still a ref."""
    ref = owner.create()
    bound(rows, ref)
    assert owner.client.delete(f"/platform/projects/{ref}").status_code == 200
    owner.await_word(ref, "REMOVED")
    with new_owner(api) as other:
        cluster.apply(ref, {}, labels={"supamanager.io/organization": other.slug})
        new = eventually(
            lambda: rows(
                "SELECT project_ref, resource_uid FROM project "
                f"WHERE resource_name = '{ref}' AND removed_at IS NULL "
                "AND organization_id IS NOT NULL"
            )
        )[0]
        keys = {"anon-key": "a", "service-role-key": "service.jwt", "jwt-secret": "hmac"}
        cluster.put_secret(ref, "keys", keys, uid=new["resource_uid"])
        settings = f"/platform/projects/{new['project_ref']}/settings"
        assert other.client.get(settings).json()["jwt_secret"] == "hmac"
        for path in (f"/platform/projects/{ref}/settings", f"/v1/projects/{ref}/api-keys",
                     f"/platform/projects/{ref}", f"/v1/projects/{ref}"):  # fmt: skip
            answer = owner.client.get(path)
            assert answer.status_code == 404, (path, answer.text)
            assert answer.json() == {"message": "Project not found"}
        assert owner.word(ref) == "REMOVED"
        assert other.client.get(f"/platform/projects/{ref}/status").status_code == 404


@pytest.mark.parametrize(
    ("metadata", "tool"),
    [
        ({"annotations": {"argocd.argoproj.io/tracking-id": "app:x/y"}}, "Argo CD"),
        ({"labels": {"app.kubernetes.io/instance": "app"}}, "Argo CD"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}, "Flux"),
    ],
)
def test_a_gitops_tool_would_make_it_again(owner, cluster, metadata, tool):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    cluster.apply(ref, **metadata)
    answer = owner.client.delete(f"/platform/projects/{ref}")
    assert answer.status_code == 409
    assert tool in answer.json()["message"]
    assert owner.word(ref) == "COMING_UP"
    assert cluster.project(ref)["metadata"].get("deletionTimestamp") is None


def test_a_gitops_tool_is_noticed_later(owner, cluster):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    cluster.apply(ref, annotations={"argocd.argoproj.io/tracking-id": "app:x/y"})
    cluster.control_plane.stop_apiserver()
    try:
        assert owner.client.delete(f"/platform/projects/{ref}").status_code == 200
        assert owner.word(ref) == "GOING_DOWN"
    finally:
        cluster.control_plane.start_apiserver()
    owner.await_word(ref, "COMING_UP")
    error = owner.status(ref)["apply_error"]
    assert error["code"] == 409
    assert "Argo CD" in error["message"]
    assert cluster.project(ref) is not None


def test_a_project_that_never_came_to_be(owner, cluster, rows):
    """Deleted before it was made: nothing is made, and the password is nowhere."""
    cluster.control_plane.stop_apiserver()
    try:
        ref = owner.create(db_pass="Sample-Password-3")
        assert len(rows("SELECT id FROM project_input")) == 1
        found = rows("SELECT encode(sealed, 'hex') AS sealed FROM project_input")
        sealed = bytes.fromhex(found[0]["sealed"])
        assert b"Sample-Password-3" not in sealed
        assert base64.b64encode(b"Sample-Password-3") not in sealed
        assert owner.client.delete(f"/platform/projects/{ref}").status_code == 200
    finally:
        cluster.control_plane.start_apiserver()
    owner.await_word(ref, "REMOVED")
    assert cluster.projects() == []
    assert not (cluster.secret(f"{ref}-inputs") or {}).get("database-password")
    assert rows("SELECT id FROM project_input") == []
