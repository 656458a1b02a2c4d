"""From an applied resource to a project that serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from operating import Cluster, OperatorProcess, await_that
from supamanager_kube import kinds
from supamanager_kube.components import COMPONENTS
from supamanager_kube.conditions import REASONS, Type

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane


def leaves(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {
            leaf
            for key, child in value.items()
            for leaf in leaves(child, f"{path}.{key}" if path else key)
        }
    if isinstance(value, list):
        return {leaf for child in value for leaf in leaves(child, f"{path}[]")}
    return {path}


@pytest.mark.parametrize("spec", [None, {}], ids=["no-spec", "empty-spec"])
def test_an_empty_spec_is_a_complete_project(
    cluster: Cluster, operator: OperatorProcess, spec: dict[str, Any] | None
) -> None:
    cluster.apply(spec)
    project = cluster.await_active()
    status = project["status"]
    assert status["summary"] == "12/12"
    assert [entry["name"] for entry in status["components"]] == list(COMPONENTS)
    assert all(entry["readyReplicas"] == 1 for entry in status["components"])
    by_type = {c["type"]: c for c in status["conditions"]}
    assert by_type.keys() == REASONS.keys() - {Type.RECONCILING, Type.STALLED}
    for component in COMPONENTS.values():
        assert by_type[component.condition]["status"] == "True"
    assert {c["observedGeneration"] for c in status["conditions"]} == {1}

    table = cluster.kubectl("get", "sbp", "-o", "wide").splitlines()
    assert " ".join(table[0].split()) == "NAME READY REASON SERVICES VERSION AGE URL MESSAGE"
    assert table[1].split()[:5] == ["demo", "True", "Active", "12/12", "2026.09"]
    assert f"http://demo-gateway.{cluster.namespace}.svc:8000" in table[1]
    assert "demo" in cluster.kubectl("get", "supabase")


def test_every_field_of_the_status_is_written(cluster: Cluster, operator: OperatorProcess) -> None:
    import crd

    cluster.apply({})
    written = leaves(cluster.await_active()["status"])
    assert written == set(crd.leaves(crd.schema()["properties"]["status"]))


def test_the_way_to_active_is_told_by_events(cluster: Cluster, operator: OperatorProcess) -> None:
    cluster.apply({})
    cluster.await_active()
    events = cluster.get("events", "--field-selector=involvedObject.kind=SupabaseProject")["items"]
    by_time = sorted(events, key=lambda event: event["metadata"]["resourceVersion"].zfill(12))
    reasons = [event["reason"] for event in by_time]
    assert reasons == ["Provisioning", "Starting", "Active", "Initialized"]
    assert {event["type"] for event in events} == {"Normal"}
    assert {event["source"]["component"] for event in events} == {"supamanager-operator"}


def test_two_components_with_one_reason_are_told_apart(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    broken = {"image": "registry.invalid/none:1"}
    cluster.apply({"services": {"auth": broken, "rest": broken}})
    events = await_that(
        lambda: cluster.get("events", "--field-selector=reason=ImagePullBackOff")["items"],
        lambda items: len([e for e in items if e["involvedObject"]["name"] == "demo"]) == 2,
        what="an Event for each component",
    )
    text = "the image registry.invalid/none:1 cannot be pulled"
    assert {event["message"] for event in events} == {f"auth: {text}", f"rest: {text}"}


def test_the_same_name_in_two_namespaces(
    control_plane: ControlPlane, cluster: Cluster, stopped_operator: OperatorProcess
) -> None:
    from supamanager_dev import rbac

    other = Cluster(control_plane, f"{cluster.namespace}-b")
    control_plane.create_namespace(other.namespace, labels=rbac.PROJECTS_LABELS)
    rbac.bind(control_plane, rbac.OPERATOR, projects=[cluster.namespace, other.namespace])
    stopped_operator.start(NAMESPACES=f"{cluster.namespace},{other.namespace}")
    for place in (cluster, other):
        place.apply({})
    first, second = cluster.await_active(), other.await_active()
    assert first["status"]["endpoints"]["api"] != second["status"]["endpoints"]["api"]
    secrets = [place.get("secret", "demo-keys")["data"] for place in (cluster, other)]
    assert secrets[0]["jwt-secret"] != secrets[1]["jwt-secret"]
    control_plane.remove_namespace(other.namespace)


def test_an_unknown_image_is_told_by_its_component(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({"services": {"auth": {"image": "registry.invalid/none:1"}}})
    found = cluster.await_condition("AuthReady", reason="ImagePullBackOff")
    assert found["message"] == "the image registry.invalid/none:1 cannot be pulled"
    assert cluster.condition("Ready")["status"] == "False"
    assert cluster.condition("Initialized")["status"] == "False"
    cluster.patch({"spec": {"services": {"auth": {"image": None}}}})
    cluster.await_active()


def test_a_node_that_nobody_has_is_told_by_the_component(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({"services": {"database": {"nodeSelector": {"disk": "none"}}}})
    found = cluster.await_condition("DatabaseReady", reason="Unschedulable")
    assert "node" in found["message"]
    cluster.apply({})
    cluster.await_active()


def test_a_crashing_service_holds_up_the_first_start(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({"services": {"meta": {"image": "registry.invalid/crash:1"}}})
    found = cluster.await_condition("MetaReady", reason="CrashLoopBackOff")
    assert "meta" in found["message"]
    ready = cluster.await_condition("Ready", message="waiting for meta")
    assert (ready["status"], ready["reason"]) == ("False", "Provisioning")
    assert cluster.find(kinds.DEPLOYMENT, "demo-gateway") is None


def test_a_bad_spec_is_refused_with_its_path(cluster: Cluster) -> None:
    for spec, path in (
        ({"size": "huge"}, "spec.size"),
        ({"services": {"nope": {}}}, "spec.services"),
        ({"services": {"database": {"enabled": False}}}, "spec.services"),
        ({"auth": {"siteURL": "ftp://x"}}, "spec.auth.siteURL"),
        ({"auth": {"jwtExpirySeconds": 1}}, "spec.auth.jwtExpirySeconds"),
        ({"database": {"managed": {"postgresVersion": 14}}}, "postgresVersion"),
        ({"network": {"databaseAllowedCIDRs": ["x"]}}, "spec.network.databaseAllowedCIDRs[0]"),
        ({"displayName": "a\tb"}, "spec.displayName"),
        ({"http": {"host": "shop.example:0"}}, "spec.http.host"),
        ({"http": {"host": "shop.example:65536"}}, "spec.http.host"),
        ({"storage": {"file": {"size": "0"}}}, "spec.storage.file.size"),
        ({"storage": {"file": {"size": 0}}}, "spec.storage.file.size"),
        ({"database": {"managed": {"storage": {"size": "0.0Gi"}}}}, "managed.storage.size"),
        ({"storage": {"file": {"className": "a..b"}}}, "spec.storage.file.className"),
        ({"network": {"databaseAllowedCIDRs": ["10.1.2.3/8"]}}, "databaseAllowedCIDRs[0]"),
        ({"network": {"databaseAllowedCIDRs": ["2001:db8::1/32"]}}, "databaseAllowedCIDRs[0]"),
    ):
        refused(cluster, spec, path)
    assert cluster.get("sbp")["items"] == []


def refused(cluster: Cluster, spec: dict[str, Any], path: str) -> None:
    from supamanager_dev.errors import KubectlError

    with pytest.raises(KubectlError, match="is invalid") as refusal:
        cluster.apply(spec)
    assert path in str(refusal.value), spec


GLOBS = (
    "https://a.test/[",
    "https://a.test/[]",
    "https://a.test/[]a]",
    "https://a.test/[!]",
    "https://a.test/[a",
    "https://a.test/[a\\]",
    "https://a.test/[z-a]",
    "https://a.test/[!9-0]",
    "https://a.test/[a-bc]",
    "https://a.test/[a-]",
    "https://a.test/\N{REPLACEMENT CHARACTER}",
)
"""What the auth service cannot compile: each ends it when it starts."""


def test_redirect_urls_are_patterns_that_the_auth_service_takes(cluster: Cluster) -> None:
    for url in GLOBS:
        refused(cluster, {"auth": {"redirectURLs": ["https://b.test", url]}}, "redirectURLs[1]")
    cluster.apply(
        {
            "auth": {
                "redirectURLs": [
                    "https://*.a.test/**",
                    "http://[::1]:3000/cb?x=\\[",
                    "https://a.test/[a-z][!0-9][abc][a-a]/{x}/{y/]}\\",
                    "x" * 2048,
                ]
            }
        }
    )


PLACES: tuple[dict[str, Any], ...] = (
    {"nodeSelector": {"bad key!": "x"}},
    {"nodeSelector": {"": "x"}},
    {"nodeSelector": {"a/b/c": "x"}},
    {"nodeSelector": {"Upper.example/zone": "x"}},
    {"nodeSelector": {"a" * 64: "x"}},
    {"nodeSelector": {f"{'a.' * 127}a/zone": "x"}},
    {"nodeSelector": {"zone": "-x"}},
    {"nodeSelector": {"zone": "x."}},
    {"tolerations": [{"operator": "Exists", "value": "x"}]},
    {"tolerations": [{"key": "bad key!", "operator": "Exists"}]},
    {"tolerations": [{"key": "zone", "value": "-x"}]},
    {"tolerations": [{"value": "x"}]},
    {"tolerations": [{"operator": "Exists", "tolerationSeconds": 5}]},
    {"topologySpread": [{"topologyKey": "bad key!"}]},
)


def test_a_bad_place_is_refused(cluster: Cluster) -> None:
    for place in PLACES:
        [field] = place
        refused(cluster, {"placement": place}, f"spec.placement.{field}")
        if field != "topologySpread":
            refused(cluster, {"services": {"auth": place}}, field)
    refused(cluster, {"services": {"auth": {"priorityClassName": "A b"}}}, "priorityClassName")


def test_the_places_that_pods_take_are_taken(cluster: Cluster, operator: OperatorProcess) -> None:
    place: dict[str, Any] = {
        "nodeSelector": {f"{'a' * 63}.example/{'z' * 63}": "x_y.Z", "kubernetes.io/os": ""},
        "tolerations": [
            {"operator": "Exists"},
            {"key": "", "operator": "Exists", "value": ""},
            {"key": "a.example/b", "value": "x", "effect": "NoExecute", "tolerationSeconds": 5},
        ],
    }
    cidrs = ["203.0.113.0/24", "0.0.0.0/0", "10.1.2.3/32", "2001:db8::/32", "::/0"]
    cluster.apply(
        {
            "placement": {**place, "topologySpread": [{"topologyKey": "a.example/zone"}]},
            "services": {"auth": {**place, "priorityClassName": "system-cluster-critical"}},
            "network": {"databaseAllowedCIDRs": cidrs},
        }
    )
    cluster.await_condition("DatabaseReady", reason="Unschedulable")
    assert cluster.condition("Stalled") == {}


def test_immutable_fields_cannot_be_changed_or_removed(cluster: Cluster) -> None:
    from supamanager_dev.errors import KubectlError

    storage = {"size": "20Gi", "className": "fast"}
    cluster.apply({"database": {"managed": {"postgresVersion": 15, "storage": storage}}})
    for managed, complaint in (
        ({"postgresVersion": 17, "storage": storage}, "postgresVersion is immutable"),
        ({"storage": storage}, "postgresVersion is immutable and cannot be removed"),
        ({"postgresVersion": 15, "storage": {**storage, "size": "10Gi"}}, "cannot shrink"),
        ({"postgresVersion": 15, "storage": {**storage, "className": "slow"}}, "is immutable"),
        ({"postgresVersion": 15, "storage": {"size": "20Gi"}}, "cannot be removed"),
    ):
        with pytest.raises(KubectlError, match=complaint):
            cluster.apply({"database": {"managed": managed}})
    grown = {"postgresVersion": 15, "storage": {**storage, "size": "30Gi"}}
    cluster.apply({"database": {"managed": grown}})
