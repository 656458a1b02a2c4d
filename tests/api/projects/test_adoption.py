"""Resources that were made with kubectl or from Git."""

from __future__ import annotations

import pytest

from asking import eventually, new_owner

REF = "amberbirchcometdrift"


def row_of(rows, name: str) -> dict:
    return eventually(lambda: rows(f"SELECT * FROM project WHERE resource_name = '{name}'"))[0]


def allow(cluster, value: str | None) -> None:
    text = "supamanager.io/organizations" + ("-" if value is None else f"={value}")
    cluster.control_plane.kubectl("annotate", "--overwrite", "namespace", cluster.namespace, text)


def test_a_resource_that_names_its_organization(owner, cluster, rows):
    cluster.apply("shop", {"displayName": "The shop"}, labels={
        "supamanager.io/organization": owner.slug
    })  # fmt: skip
    row = row_of(rows, "shop")
    assert row["organization_id"] == owner.organization["id"]
    assert row["intent"] == {}
    ref = row["project_ref"]
    assert len(ref) == 20
    labels = eventually(
        lambda: (
            "supamanager.io/ref" in (found := cluster.project("shop"))["metadata"]["labels"]
            and found["metadata"]["labels"]
        )
    )
    assert labels == {"supamanager.io/ref": ref, "supamanager.io/organization": owner.slug}
    cluster.activate("shop")
    owner.await_word(ref, "ACTIVE_HEALTHY")
    listed = owner.client.get("/platform/projects").json()
    assert [(each["ref"], each["name"]) for each in listed] == [(ref, "The shop")]

    assert owner.client.post(f"/platform/projects/{ref}/pause").status_code == 201
    live = eventually(lambda: (found := cluster.project("shop"))["spec"]["paused"] and found)
    assert live["spec"]["displayName"] == "The shop"


def test_a_name_that_is_a_ref(owner, cluster, rows):
    cluster.apply(REF, labels={"supamanager.io/organization": owner.slug})
    assert row_of(rows, REF)["project_ref"] == REF
    owner.await_word(REF, "COMING_UP")


@pytest.mark.parametrize(
    ("annotation", "label", "owned"),
    [
        ("*", None, False),
        ("*", "SLUG", True),
        ("*", "nobody-has-this", False),
        ("SLUG", None, True),
        ("SLUG", "SLUG", True),
        ("SLUG", "nobody-has-this", False),
        ("nobody-has-this", "SLUG", False),
        ("nobody-has-this, SLUG", "SLUG", True),
        ("nobody-has-this,SLUG", None, False),
        (None, "SLUG", False),
        (None, None, False),
    ],
)
def test_whose_it_is(
    api_environment, api_process, cluster, management, rows, annotation, label, owned
):
    admin = "root@example.test"
    api = api_process(PLATFORM_ADMINS=admin, start=False)
    starter = api_process()
    with new_owner(starter) as owner:
        starter.stop()
        allow(cluster, annotation and annotation.replace("SLUG", owner.slug))
        slug = label and label.replace("SLUG", owner.slug)
        cluster.apply(REF, {}, labels={"supamanager.io/organization": slug} if slug else None)
        api.start()
        client = api.client(owner.client.headers["Authorization"].removeprefix("Bearer "))
        row = row_of(rows, REF)
        eventually(lambda: rows("SELECT id FROM project WHERE mirror_epoch IS NOT NULL"))
        row = row_of(rows, REF)
        assert (row["organization_id"] is not None) is owned
        with client:
            answer = client.get(f"/platform/projects/{REF}")
            assert answer.status_code == (200 if owned else 404)
            refs = [each["ref"] for each in client.get("/platform/projects").json()]
            assert refs == ([REF] if owned else [])
        with api.client(api.new_account(admin).token) as client:
            # Anybody may have signed up with the address: it counts once it is confirmed.
            assert client.get(f"/platform/projects/{REF}").status_code == 404
            management.confirm(admin)
            answer = client.get(f"/platform/projects/{REF}")
            assert answer.status_code == (404 if owned else 200)
            refs = [each["ref"] for each in client.get("/platform/projects").json()]
            assert refs == ([] if owned else [REF])
        live = eventually(
            lambda: (found := cluster.project(REF))["metadata"].get("labels", {}).get(
                "supamanager.io/ref"
            ) == REF and found
        )  # fmt: skip
        if annotation == "SLUG" and label is None:
            eventually(
                lambda: cluster.project(REF)["metadata"]["labels"].get(
                    "supamanager.io/organization"
                ) == owner.slug
            )  # fmt: skip
        elif label is None:
            assert "supamanager.io/organization" not in live["metadata"]["labels"]


def test_a_resource_changes_hands(api, owner, cluster, rows):
    with new_owner(api) as other:
        cluster.apply("shop", {}, labels={"supamanager.io/organization": owner.slug})
        ref = row_of(rows, "shop")["project_ref"]
        eventually(lambda: owner.client.get(f"/platform/projects/{ref}").status_code == 200)
        cluster.apply("shop", {}, labels={"supamanager.io/organization": other.slug})
        eventually(lambda: other.client.get(f"/platform/projects/{ref}").status_code == 200)
        assert owner.client.get(f"/platform/projects/{ref}").status_code == 404


def test_one_name_in_two_namespaces(api, api_process, control_plane, cluster, owner, rows):
    """Each gets a ref of its own: the second finds its name taken."""
    from supamanager_dev import rbac

    second = f"{cluster.namespace}-b"
    control_plane.create_namespace(second, annotations=rbac.PROJECTS_ANNOTATIONS)
    try:
        rbac.bind(control_plane, rbac.API, projects=[cluster.namespace, second])
        labels = {"supamanager.io/organization": owner.slug}
        cluster.apply(REF, {}, labels=labels)
        eventually(lambda: rows("SELECT id FROM project"))
        cluster.apply(REF, {}, labels=labels, namespace=second)
        api.stop()
        api_process(WATCH_NAMESPACES=f"{cluster.namespace},{second}")
        found = eventually(
            lambda: (
                len(found := rows("SELECT project_ref, namespace FROM project ORDER BY id")) == 2
                and found
            )
        )
        assert found[0] == {"project_ref": REF, "namespace": cluster.namespace}
        assert found[1]["namespace"] == second
        assert found[1]["project_ref"] != REF
    finally:
        control_plane.remove_namespace(second)
