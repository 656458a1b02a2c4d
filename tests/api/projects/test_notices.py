"""What people are told of their projects, and what the audit log says of changes past the API."""

from __future__ import annotations

import json
import uuid

from asking import eventually


def test_what_happens_to_a_project_is_told_once(api_process, api, owner, cluster, management, rows):
    other = api_process()
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    reader = api.new_account()
    management.add_member(reader.email, owner.organization["id"], role="Read-only")
    path = "/platform/notifications"
    assert owner.client.get(path).json() == []
    cluster.report(ref, initialized=False, Stalled="True/SecretMissing", Ready="False/Provisioning")
    owner.await_word(ref, "INIT_FAILED")
    (failed,) = owner.client.get(path, params={"status": "new,seen", "limit": 20}).json()
    assert (failed["name"], failed["priority"]) == ("project.failed", "Critical")
    assert failed["status"] == "new"
    assert failed["data"]["title"] == "Mars could not be started"
    assert failed["data"]["message"] == "Stalled is so"
    assert failed["data"]["project_ref"] == ref
    assert failed["data"]["org_slug"] == owner.slug
    assert failed["data"]["actions"][0]["url"] == f"https://studio.test/project/{ref}"
    cluster.report(ref, Ready="False/Degraded")
    owner.await_word(ref, "ACTIVE_UNHEALTHY")
    unhealthy, _ = owner.client.get(f"/notifications?org_slug={owner.slug}&priority=").json()
    assert (unhealthy["name"], unhealthy["priority"]) == ("project.unhealthy", "Warning")
    # Up and down again within the hour: there is nothing new to say.
    cluster.activate(ref)
    owner.await_word(ref, "ACTIVE_HEALTHY")
    cluster.report(ref, Ready="False/Degraded")
    owner.await_word(ref, "ACTIVE_UNHEALTHY")
    assert len(owner.client.get(path).json()) == 2
    assert owner.client.get(f"{path}/summary").json() == {
        "unread_count": 2,
        "has_critical": True,
        "has_warning": True,
    }
    seen = owner.client.patch(path, json=[{"id": failed["id"], "status": "seen"}])
    assert [each["status"] for each in seen.json()] == ["seen"]
    assert len(owner.client.get(f"{path}?status=new").json()) == 1
    with other.client(reader.token) as client:
        assert len(client.get(f"{path}?status=new&priority=Critical").json()) == 1
        assert client.patch(f"{path}/archive-all").status_code == 200
        assert client.get(f"{path}?status=new,seen").json() == []
        assert client.get(f"{path}/summary").json()["unread_count"] == 0
    assert owner.client.get(f"{path}/summary").json()["has_critical"] is False
    with api.client(api.new_account().token) as client:
        assert client.get(path).json() == []
        foreign = [{"id": failed["id"], "status": "archived"}]
        assert client.patch(path, json=foreign).status_code == 404
    both = [{"id": unhealthy["id"], "status": "seen"}, {"id": str(uuid.uuid4()), "status": "seen"}]
    assert owner.client.patch(path, json=both).status_code == 404
    assert len(owner.client.get(f"{path}?status=new&project_ref={ref}").json()) == 1
    for rubbish in ({}, [{"id": "x", "status": "seen"}], [{"id": failed["id"], "status": "x"}]):
        assert owner.client.patch(path, json=rubbish).status_code == 400
    marked = rows("SELECT 1 FROM audit_log WHERE entry ->> 'action' LIKE 'notification_state.%'")
    assert len(marked) == 3


def test_changes_past_the_api_are_in_the_audit_log(owner, cluster, rows):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))
    eventually(lambda: rows("SELECT 1 FROM project_spec"))

    def entries() -> list[dict]:
        shown = owner.client.get(f"/platform/organizations/{owner.slug}/audit").json()["result"]
        return [each for each in shown if each["actor"]["type"] == "kubernetes"]

    assert entries() == []
    cluster.kubectl(
        *("patch", "sbp", ref, "--type=merge", "--field-manager=somebody"),
        *("-p", json.dumps({"spec": {"auth": {"disableSignup": True}}})),
    )
    (first,) = eventually(entries)
    assert first["action"]["name"] == "project.changed"
    assert first["actor"]["id"] == "somebody"
    told = first["target"]["metadata"]
    assert (told["project_ref"], told["org_slug"]) == (ref, owner.slug)
    assert told["after"]["operation"] == "Update"
    assert told["after"]["fields"] == ["spec.auth.disableSignup"]
    assert told["before"] == {"values": {"spec.auth.disableSignup": False}}
    assert told["after"]["values"] == {"spec.auth.disableSignup": True}
    cluster.apply(ref, {"size": "micro"}, labels={"team": "red"}, force=True)
    second, _ = eventually(lambda: (found := entries())[1:] and found)
    assert second["actor"]["id"] == "kubectl"
    assert second["target"]["metadata"]["after"]["operation"] == "Apply"
    assert "spec.size" in second["target"]["metadata"]["after"]["fields"]
    assert "metadata.labels.team" in second["target"]["metadata"]["after"]["fields"]
    assert second["target"]["metadata"]["before"] == {"values": {"spec.size": "small"}}
    assert second["target"]["metadata"]["after"]["values"] == {"spec.size": "micro"}
    # The status is the operator's word, and what is asked for here comes through the API.
    cluster.activate(ref)
    owner.await_word(ref, "ACTIVE_HEALTHY")
    assert owner.client.post(f"/platform/projects/{ref}/pause").status_code == 201
    eventually(lambda: cluster.project(ref)["spec"].get("paused"))
    assert len(entries()) == 2
    assert rows("SELECT manager FROM project_manager ORDER BY 1") == [
        {"manager": "kubectl"},
        {"manager": "somebody"},
    ]
    cluster.kubectl(
        *("patch", "sbp", ref, "--type=merge", "--field-manager=somebody"),
        *("-p", json.dumps({"spec": {"paused": False}})),
    )
    assert eventually(lambda: entries()[2:])
    # What the owner asked for is left out from now on, and she is told.
    assert owner.client.patch(f"/platform/projects/{ref}", json={"name": "Venus"}).is_success
    (notice,) = eventually(lambda: owner.client.get("/platform/notifications").json())
    assert notice["name"] == "project.field_left_out"
    assert notice["data"]["message"].startswith("spec.paused is owned by somebody:")


def test_values_of_changes_past_the_api_are_told_without_secrets(owner, cluster, rows):
    def told(count: int) -> dict:
        found = eventually(
            lambda: (
                (
                    entries := rows(
                        "SELECT entry FROM audit_log WHERE entry #>> '{actor,kind}' = 'kubernetes' "
                        "ORDER BY position"
                    )
                )[count - 1 :]
                and entries
            )
        )
        assert len(found) == count
        entry = found[-1]["entry"]
        return {side: (entry[side] or {}).get("values") for side in ("before", "after")}

    secret = "a-password-of-hers"
    own = {"supamanager.io/organization": owner.slug}
    variables = [
        {"name": "SMTP_PASS", "value": secret},
        {"name": "OTHER", "valueFrom": {"secretKeyRef": {"name": "shop-own", "key": "other"}}},
    ]
    hidden = [{"name": "SMTP_PASS", "value": "hidden"}, variables[1]]
    cluster.apply("shop", {"size": "small", "rest": {"maxRows": 5}}, labels=own)
    first = told(1)
    assert first["before"] is None
    assert first["after"] == {"spec.size": "small", "spec.rest.maxRows": 5}
    changed = {"size": "small", "services": {"auth": {"env": variables}}}
    cluster.apply("shop", changed, labels=own)
    second = told(2)
    # The field that was given up has the default again.
    assert second["before"] == {"spec.rest.maxRows": 5}
    assert second["after"]["spec.services.auth.env"] == hidden
    cluster.apply("shop", {**changed, "auth": {"redirectURLs": ["https://a.test/x"]}}, labels=own)
    assert told(3)["after"] == {"spec.auth.redirectURLs": ["https://a.test/x"]}
    urls = [f"https://{number}.test/{'x' * 40}" for number in range(30)]
    cluster.apply("shop", {**changed, "auth": {"redirectURLs": urls}}, labels=own)
    assert told(4) == {
        "before": {"spec.auth.redirectURLs": ["https://a.test/x"]},
        "after": {"spec.auth.redirectURLs": "too long to be told"},
    }
    for table in ("audit_log", "project", "project_spec", "project_manager"):
        assert rows(f"SELECT 1 FROM {table} AS t WHERE t::text LIKE '%{secret}%'") == []


def test_a_process_that_knows_no_values_does_not_tell_those_of_before(
    owner, cluster, management, rows
):
    ref = owner.create(desired_instance_size="small")
    eventually(lambda: cluster.project(ref))
    eventually(lambda: rows("SELECT 1 FROM project_spec"))
    cluster.apply(ref, {"size": "micro"}, force=True)
    eventually(lambda: rows("SELECT 1 FROM project_manager"))
    # As the last release notes a change of the next generation.
    management.run(
        "BEGIN; UPDATE project SET generation = generation + 1; "
        "UPDATE project_manager SET changed_at = changed_at + interval '1 hour'; COMMIT"
    )
    entries = rows(
        "SELECT entry -> 'after' AS after, entry -> 'before' AS before FROM audit_log "
        "WHERE entry #>> '{actor,kind}' = 'kubernetes' ORDER BY position"
    )
    assert [("values" in each["after"]) for each in entries] == [True, False]
    assert set(entries[1]["before"]) == {"changed_at", "fields"}
