"""What somebody changes by hand is put right; what belongs to somebody else stays."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest

from operating import Cluster, OperatorProcess, await_that
from supamanager_kube import kinds


def test_a_deleted_deployment_comes_back(cluster: Cluster, operator: OperatorProcess) -> None:
    cluster.apply({})
    cluster.await_active()
    before = cluster.get("deployment", "demo-auth")["metadata"]["uid"]
    cluster.kubectl("delete", "deployment", "demo-auth")
    again = await_that(
        lambda: cluster.find(kinds.DEPLOYMENT, "demo-auth"),
        lambda found: found is not None and found["metadata"]["uid"] != before,
        what="demo-auth to be back",
        timeout=5,
    )
    assert again["spec"]["replicas"] == 1
    cluster.await_active()


def test_an_edited_service_is_repaired_and_foreign_fields_stay(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    cluster.await_active()
    cluster.patch(
        {
            "metadata": {"annotations": {"example.com/team": "blue"}},
            "spec": {"selector": {"supamanager.io/component": "nothing"}},
        },
        kind="service",
        name="demo-rest",
    )
    repaired = await_that(
        lambda: cluster.get("service", "demo-rest"),
        lambda found: found["spec"]["selector"].get("supamanager.io/component") == "rest",
        what="the selector to be repaired",
        timeout=5,
    )
    assert repaired["metadata"]["annotations"]["example.com/team"] == "blue"


def test_what_is_added_to_a_list_of_ours_goes_again(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    cluster.await_active()

    def specs() -> dict[str, Any]:
        found = cluster.get("networkpolicies,services")["items"]
        return {f"{item['kind']}/{item['metadata']['name']}": item["spec"] for item in found}

    before = specs()
    anybody = [{"op": "add", "path": "/spec/ingress/-", "value": {}}]
    first = [{"op": "add", "path": "/spec/ingress", "value": [{}]}]
    other = [{"op": "add", "path": "/spec/selector/example.com~1team", "value": "blue"}]
    for kind, name, operations in (
        ("networkpolicy", "demo-rest", anybody),
        ("networkpolicy", "demo-default-deny", first),
        ("service", "demo-rest", other),
    ):
        cluster.kubectl("patch", kind, name, "--type", "json", "-p", json.dumps(operations))
    await_that(specs, lambda found: found == before, what="what was added to go", timeout=10)


def test_a_pod_with_a_volume_ends_before_its_successor_whoever_asked_otherwise(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    cluster.await_active()
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    for name in ("demo-storage", "demo-imgproxy"):
        cluster.patch({"spec": {"strategy": rolling}}, kind="deployment", name=name)
        await_that(
            lambda name=name: cluster.get("deployment", name)["spec"]["strategy"],
            lambda found: found == {"type": "Recreate"},
            what="the strategy to be repaired",
            timeout=10,
        )


def test_a_foreign_container_and_variable_stay_when_ours_are_repaired(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    cluster.await_active()

    def pod() -> dict[str, Any]:
        found: dict[str, Any] = cluster.get("deployment", "demo-rest")["spec"]["template"]["spec"]
        return found

    (ours,) = pod()["containers"]
    foreign = {"name": "EXAMPLE_TEAM", "value": "blue"}
    changed = {"name": ours["name"], "image": "example.com/x:1", "env": [foreign]}
    sidecar = {"name": "sidecar", "image": "example.com/x:1"}
    patch = {"spec": {"template": {"spec": {"containers": [changed, sidecar]}}}}
    cluster.kubectl("patch", "deployment", "demo-rest", "-p", json.dumps(patch))

    def containers() -> dict[str, Any]:
        return {entry["name"]: entry for entry in pod()["containers"]}

    repaired = await_that(
        containers,
        lambda found: found[ours["name"]]["image"] == ours["image"],
        what="our image to be repaired",
        timeout=10,
    )
    assert repaired.keys() == {ours["name"], "sidecar"}
    variables = repaired[ours["name"]]["env"]
    assert foreign in variables
    assert [entry for entry in variables if entry != foreign] == ours["env"]


def test_a_rendered_secret_is_repaired_at_the_next_reconcile(
    cluster: Cluster, stopped_operator: OperatorProcess
) -> None:
    stopped_operator.start(NAMESPACES=cluster.namespace, RESYNC_SECONDS="2")
    cluster.apply({})
    cluster.await_active()
    good = cluster.get("secret", "demo-gateway")["data"]
    forged = base64.b64encode(b"_format_version: '2.1'").decode()
    cluster.patch({"data": {"kong.yml": forged}}, kind="secret", name="demo-gateway")
    await_that(
        lambda: cluster.get("secret", "demo-gateway")["data"],
        lambda data: data == good,
        what="the gateway's file to be repaired",
        timeout=10,
    )
    cluster.kubectl("delete", "secret", "demo-gateway")
    await_that(
        lambda: (cluster.find(kinds.SECRET, "demo-gateway") or {}).get("data"),
        lambda data: data == good,
        what="the gateway's file to be back",
        timeout=10,
    )


def test_an_inconsistent_generated_value_is_reported_and_left_alone(
    cluster: Cluster, stopped_operator: OperatorProcess
) -> None:
    stopped_operator.start(NAMESPACES=cluster.namespace, RESYNC_SECONDS="2")
    cluster.apply({})
    cluster.await_active()
    original = cluster.get("secret", "demo-keys")["data"]["jwt-secret"]
    forged = base64.b64encode(b"x" * 40).decode()
    cluster.patch({"data": {"jwt-secret": forged}}, kind="secret", name="demo-keys")
    stalled = cluster.await_condition("Stalled", reason="InvalidConfiguration")
    assert stalled["message"] == "Secret demo-keys: jwt-keys does not hold jwt-secret"
    assert cluster.condition("SecretsReady")["reason"] == "Invalid"
    assert cluster.condition("Ready")["status"] == "True"
    assert cluster.get("secret", "demo-keys")["data"]["jwt-secret"] == forged
    events = cluster.get("events", "--field-selector=reason=InvalidConfiguration")["items"]
    assert len(events) == 1
    cluster.patch({"data": {"jwt-secret": original}}, kind="secret", name="demo-keys")
    # A project that waits for a person is looked at every half minute, or when it is touched.
    cluster.patch({"spec": {"displayName": "touched"}})
    await_that(
        lambda: cluster.condition("Stalled"), lambda found: not found, what="Stalled to be gone"
    )


def templates(cluster: Cluster) -> dict[str, str]:
    """The pod template of each workload."""
    return {
        item["metadata"]["name"]: json.dumps(item["spec"]["template"], sort_keys=True)
        for item in cluster.get("deployments,statefulsets")["items"]
    }


def await_rolled(cluster: Cluster, before: dict[str, str], readers: set[str]) -> None:
    """Exactly these have another template than before, also when all is settled."""

    def changed() -> list[str]:
        return sorted(name for name, found in templates(cluster).items() if found != before[name])

    await_that(
        changed,
        lambda found: found == sorted(readers),
        what="exactly the readers to be rolled",
        timeout=15,
    )
    cluster.await_active()
    assert changed() == sorted(readers)


def settled(cluster: Cluster, operator: OperatorProcess) -> dict[str, str]:
    """Templates of an active project whose operator looks at it every two seconds."""
    operator.start(NAMESPACES=cluster.namespace, RESYNC_SECONDS="2")
    cluster.apply({})
    cluster.await_active()
    return templates(cluster)


def test_a_consistent_change_by_hand_is_taken_and_rolls_its_readers(
    cluster: Cluster, stopped_operator: OperatorProcess
) -> None:
    before = settled(cluster, stopped_operator)
    token = base64.b64encode(b"a-new-private-token-of-our-own").decode()
    cluster.patch({"data": {"logflare-private-token": token}}, kind="secret", name="demo-internal")
    await_rolled(cluster, before, {"demo-analytics", "demo-studio"})
    assert cluster.get("secret", "demo-internal")["data"]["logflare-private-token"] == token


def test_an_api_key_that_is_signed_again_by_hand_reaches_the_gateway(
    cluster: Cluster, stopped_operator: OperatorProcess
) -> None:
    before = settled(cluster, stopped_operator)
    keys = cluster.get("secret", "demo-keys")["data"]
    old = base64.b64decode(keys["anon-key"]).decode()
    secret = base64.b64decode(keys["jwt-secret"])
    new = jwt.encode({"role": "anon", "iss": "by-hand"}, secret, algorithm="HS256")
    encoded = base64.b64encode(new.encode()).decode()
    cluster.patch({"data": {"anon-key": encoded}}, kind="secret", name="demo-keys")
    await_rolled(cluster, before, {"demo-functions", "demo-gateway", "demo-storage", "demo-studio"})
    file = base64.b64decode(cluster.get("secret", "demo-gateway")["data"]["kong.yml"]).decode()
    assert new in file
    assert old not in file
    assert cluster.get("secret", "demo-keys")["data"] == keys | {"anon-key": encoded}
    assert cluster.condition("Stalled") == {}


def test_foreign_objects_are_untouched(cluster: Cluster, operator: OperatorProcess) -> None:
    labelled = {
        "app.kubernetes.io/managed-by": "supamanager",
        "supamanager.io/project": "demo",
    }
    cluster.kubectl("create", "configmap", "mine", "--from-literal=a=b")
    cluster.kubectl("label", "configmap", "mine", *(f"{k}={v}" for k, v in labelled.items()))
    before = cluster.get("configmap", "mine")
    cluster.apply({})
    cluster.await_active()
    cluster.patch({"spec": {"services": {"vector": {"enabled": False}}}})
    cluster.await_active()
    assert cluster.get("configmap", "mine") == before


@pytest.mark.parametrize(
    ("command", "kind", "name"),
    [
        (("service", "clusterip", "demo-database", "--tcp=1:1"), "Service", "demo-database"),
        (("serviceaccount", "demo"), "ServiceAccount", "demo"),
        (("configmap", "demo-init", "--from-literal=a=b"), "ConfigMap", "demo-init"),
        (
            ("secret", "generic", "demo-gateway", "--from-literal=kong.yml=b"),
            "Secret",
            "demo-gateway",
        ),
    ],
)
def test_a_name_that_is_taken_is_not_taken_over(
    cluster: Cluster, operator: OperatorProcess, command: tuple[str, ...], kind: str, name: str
) -> None:
    cluster.kubectl("create", *command)
    before = cluster.get(kind, name)
    cluster.apply({})
    stalled = cluster.await_condition("Stalled", reason="NameConflict")
    assert stalled["message"] == f"{kind} {name} exists and does not belong to this project"
    assert cluster.get(kind, name) == before
    cluster.kubectl("delete", kind, name)
    cluster.patch({"spec": {"displayName": "again"}})
    cluster.await_active()


def test_a_disabled_service_is_pruned_and_comes_back(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    cluster.await_active()
    cluster.patch({"spec": {"services": {"imgproxy": {"enabled": False}}}})
    await_that(
        lambda: (
            cluster.find(kinds.DEPLOYMENT, "demo-imgproxy"),
            cluster.find(kinds.SERVICE, "demo-imgproxy"),
        ),
        lambda found: found == (None, None),
        what="imgproxy to be gone",
        timeout=15,
    )
    project = cluster.await_active()
    assert project["status"]["summary"] == "11/11"
    assert cluster.condition("ImgproxyReady")["reason"] == "Disabled"
    cluster.patch({"spec": {"services": {"imgproxy": {"enabled": True}}}})
    await_that(
        lambda: cluster.project()["status"]["summary"],
        lambda summary: summary == "12/12",
        what="imgproxy to be back",
    )


def test_the_annotation_stops_every_write_but_status(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    cluster.await_active()
    cluster.kubectl("annotate", "sbp", "demo", "supamanager.io/reconcile=disabled")
    await_that(
        lambda: cluster.get("events", "--field-selector=reason=ReconcileDisabled")["items"],
        lambda items: len(items) == 1,
        what="the Event",
    )
    cluster.kubectl("delete", "deployment", "demo-meta")
    cluster.await_condition("MetaReady", status="False")
    assert cluster.find(kinds.DEPLOYMENT, "demo-meta") is None
    cluster.await_condition("Reconciling", reason="ReconcileDisabled")
    cluster.kubectl("annotate", "sbp", "demo", "supamanager.io/reconcile-")
    cluster.await_condition("MetaReady", status="True")


def test_the_annotation_keeps_an_edit_from_being_told_as_done(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    before = cluster.await_active()
    cluster.kubectl("annotate", "sbp", "demo", "supamanager.io/reconcile=disabled")
    auth = {"image": "registry.invalid/another:1"}
    cluster.patch({"spec": {"http": {"host": "shop.example"}, "services": {"auth": auth}}})
    cluster.patch({"spec": {"paused": True}})
    told = cluster.await_condition("Reconciling", reason="ReconcileDisabled")
    assert "supamanager.io/reconcile" in told["message"]
    status = cluster.project()["status"]
    assert status["observedGeneration"] == before["metadata"]["generation"]
    assert {c["observedGeneration"] for c in status["conditions"]} == {1}
    assert status["endpoints"] == before["status"]["endpoints"]
    # It is served as before, and not paused.
    assert cluster.condition("Ready")["reason"] == "Active"
    assert cluster.condition("AuthReady")["status"] == "True"
    assert cluster.condition("Paused")["reason"] == "Running"
    cluster.patch({"spec": {"paused": False, "services": None}})
    cluster.kubectl("annotate", "sbp", "demo", "supamanager.io/reconcile-")
    after = cluster.await_active()
    assert after["status"]["endpoints"]["api"] == "https://shop.example"


def test_the_annotation_keeps_what_stalled_before(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    cluster.await_active()
    cluster.patch({"spec": {"version": "1999.01"}})
    stalled = cluster.await_condition("Stalled", reason="UnknownVersion")
    since = operator.reconciled
    cluster.kubectl("annotate", "sbp", "demo", "supamanager.io/reconcile=disabled")
    await_that(lambda: operator.reconciled, lambda n: n > since, what="a look at it")
    assert cluster.condition("Stalled") == stalled


def test_an_edit_of_a_live_project_never_leaves_ready(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    first = cluster.await_active()
    cluster.patch({"spec": {"rest": {"maxRows": 7}, "auth": {"disableSignup": True}}})
    seen = []

    def settled() -> bool:
        project = cluster.project()
        ready = next(c for c in project["status"]["conditions"] if c["type"] == "Ready")
        seen.append(ready["status"])
        types = {c["type"] for c in project["status"]["conditions"]}
        return project["status"]["observedGeneration"] == 2 and "Reconciling" not in types

    await_that(settled, bool, what="the edit to be rolled out")
    assert set(seen) == {"True"}
    last = cluster.project()
    ready = [
        next(c for c in p["status"]["conditions"] if c["type"] == "Ready") for p in (first, last)
    ]
    assert ready[0]["lastTransitionTime"] == ready[1]["lastTransitionTime"]
