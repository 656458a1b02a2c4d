"""Installed by the real Helm on a real control plane: from nothing to an active project and back.

Pods of the platform run as processes, started from what the chart made and nothing else, in a
namespace that refuses pods outside the profile `restricted`. Pods of projects are KWOK's.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import yaml

import rendering
from audit import AuditLog
from supamanager_dev import binaries, bundle, charts, foreignkinds, rbac
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.errors import ApiError, HelmError
from supamanager_dev.helm import Helm
from supamanager_dev.kubelet import Kubelet
from supamanager_dev.managementapi import ManagementApi
from supamanager_dev.poddatabase import IMAGE, PodDatabases
from supamanager_dev.postgres import Postgres
from supamanager_dev.progress import wait_until

HOME = rbac.NAMESPACE
PROJECTS = rbac.PROJECTS_NAMESPACE
SECRET = "supamanager-secrets"
PATIENCE = 120
FORBIDDEN = 403
WAIT = ("--wait", "--timeout", f"{PATIENCE}s")
SIGN_UP = ("--set-string", "api.settings.ALLOW_SIGNUP=true")

Body = dict[str, Any]


@pytest.fixture(scope="module")
def cluster(announce: Callable[[str], None]) -> Iterator[ControlPlane]:
    """Nothing of ours is installed."""
    binaries.ensure(announce)
    with ControlPlane(crds=None, without_kwok=[HOME]) as running:
        yield running


@pytest.fixture
def kubelet(cluster: ControlPlane) -> Iterator[Kubelet]:
    """Runs the pods of the namespace that the platform is installed in, which is empty."""
    with (
        PodDatabases(cluster) as databases,
        Kubelet(cluster, HOME, stand_ins={IMAGE: databases.start}) as running,
    ):
        if cluster.api.exists(f"/api/v1/namespaces/{HOME}"):
            clear(cluster)
        else:
            labels = {"pod-security.kubernetes.io/enforce": "restricted"}
            cluster.create_namespace(HOME, labels=labels)
        yield running
        running.check()


@pytest.fixture
def installer(cluster: ControlPlane, helm: Helm) -> Helm:
    return helm.at(cluster.admin_kubeconfig)


def clear(cluster: ControlPlane) -> None:
    """All of a namespace but itself, whose end would take longer."""
    for kinds in ("deployments,statefulsets", "services,persistentvolumeclaims,secrets"):
        cluster.kubectl(
            *("delete", kinds, "--all", "-n", HOME, "--cascade=foreground", "--timeout=90s"),
            timeout=100,
        )


def uids(cluster: ControlPlane, kinds: str, namespace: str) -> set[str]:
    return {body["metadata"]["uid"] for body in cluster.get(kinds, "-n", namespace)["items"]}


def values_of(found: list[Body], name: str) -> set[str | None]:
    """What a variable holds in each of the pods."""
    return {
        next((each.get("value") for each in variables if each["name"] == name), None)
        for pod in found
        for variables in [pod["spec"]["containers"][0]["env"]]
    }


def pods(cluster: ControlPlane, component: str) -> list[Body]:
    """Those of the platform that stay."""
    selector = f"app.kubernetes.io/component={component}"
    items = cluster.get("pods", "-n", HOME, "-l", selector)["items"]
    return [pod for pod in items if not pod["metadata"].get("deletionTimestamp")]


def waits_for(cluster: ControlPlane, component: str) -> set[str | None]:
    """Why containers of the pods do not run yet; None is one that does, or has no state."""
    return {
        status.get("state", {}).get("waiting", {}).get("reason")
        for pod in pods(cluster, component)
        for status in pod.get("status", {}).get("containerStatuses") or [{}]
    }


def served(cluster: ControlPlane) -> set[str]:
    """The kinds of other controllers that the API server has."""
    found = set()
    for version in set(rendering.FOREIGN.values()):
        with contextlib.suppress(ApiError):
            resources = cluster.api.request("GET", f"/apis/{version}")["resources"]
            found |= {resource["kind"] for resource in resources}
    return found


def await_active(api: ManagementApi, ref: str) -> None:
    wait_until(lambda: api.state(ref).active, "the project", timeout=PATIENCE, every=0.2)


def test_install_upgrade_roll_back_uninstall_and_come_back(
    cluster: ControlPlane, kubelet: Kubelet, installer: Helm, figure: Callable[[str], None]
):
    main = ("supamanager", str(charts.MAIN), "-n", HOME)
    crds = ("supamanager-crds", str(charts.CRDS), "-n", HOME)
    begun = time.monotonic()
    installer.run("install", *crds)
    told = installer.run("install", *main, *WAIT, *SIGN_UP)
    assert "port-forward service/supa-manager 8080" in told
    address = f"http://{kubelet.address('supa-manager', 8080)}"
    password = f"{secrets.token_urlsafe(16)}aA1!"
    with ManagementApi(address) as api:
        api.sign_up("admin@example.com", password)
        organization = api.create_organization("Team")
        ref = api.create_project(
            organization, "First", region="mars-1", database_password=secrets.token_urlsafe(24)
        )
        await_active(api, ref)
        figure(f"first project active {time.monotonic() - begun:.1f} s after two Helm commands")
        installer.run("test", "supamanager", "-n", HOME, "--timeout", f"{PATIENCE}s")

        made = cluster.get("secret", SECRET, "-n", HOME)
        kept = uids(cluster, "pods,persistentvolumeclaims,secrets", PROJECTS)
        assert len(kept) > 15
        before = uids(cluster, "pods", HOME)
        old_operators = {pod["metadata"]["uid"] for pod in pods(cluster, "operator")}

        installer.run("upgrade", *main, *WAIT, *SIGN_UP)
        assert uids(cluster, "pods", HOME) == before

        installer.run("upgrade", *crds)
        installer.run(
            *("upgrade", *main, *WAIT, *SIGN_UP),
            *("--set-string", "operator.podAnnotations.example=next"),
        )
        wait_until(
            lambda: before - uids(cluster, "pods", HOME) == old_operators,
            "the operators, and nobody else, to be replaced",
            timeout=PATIENCE,
        )
        assert uids(cluster, "pods,persistentvolumeclaims,secrets", PROJECTS) == kept

        installer.run(
            *("upgrade", *main, *WAIT, *SIGN_UP),
            *("--set-string", "api.settings.DELETION_POLICY=Delete"),
        )
        assert values_of(pods(cluster, "api"), "DELETION_POLICY") == {"Delete"}
        assert api.state(ref).active, "an old token counts in new pods"

        installer.run("rollback", "supamanager", "3", "-n", HOME, *WAIT)
        assert values_of(pods(cluster, "api"), "DELETION_POLICY") == {None}
        assert api.state(ref).active
        assert cluster.get("secret", SECRET, "-n", HOME) == made

        for account in rbac.RULES:
            log = AuditLog(cluster.audit_log, account=account)
            log.rewind()
            asked = log.requests()
            assert asked
            assert [request for request in asked if request.code == FORBIDDEN] == []

        installer.run("uninstall", "supamanager", "-n", HOME, *WAIT)
        installer.run("uninstall", "supamanager-crds", "-n", HOME, *WAIT)
        wait_until(
            lambda: not cluster.get("pods,services", "-n", HOME)["items"],
            "the end of the platform",
            timeout=PATIENCE,
        )
        with pytest.raises(ApiError, match="no answer"):
            api.state(ref)
        project = cluster.get("supabaseproject", ref, "-n", PROJECTS)
        assert uids(cluster, "pods,persistentvolumeclaims,secrets", PROJECTS) == kept

        installer.run("install", *crds)
        installer.run("install", *main, *WAIT)
        await_active(api, ref)
    with ManagementApi(f"http://{kubelet.address('supa-manager', 8080)}") as api:
        api.sign_in("admin@example.com", password)
        assert api.state(ref).active
    again = cluster.get("supabaseproject", ref, "-n", PROJECTS)
    assert again["metadata"]["uid"] == project["metadata"]["uid"]
    assert uids(cluster, "pods,persistentvolumeclaims,secrets", PROJECTS) == kept
    assert cluster.get("secret", SECRET, "-n", HOME) == made


def test_an_autoscaler_takes_over_and_pods_that_end_answer_a_while(
    cluster: ControlPlane, kubelet: Kubelet, installer: Helm
):
    """The autoscaler of the control plane, which has no metrics: it keeps to its bounds."""
    main = ("supamanager", str(charts.MAIN), "-n", HOME, *WAIT)
    on = ("--set", "api.autoscaling.enabled=true")
    installer.run("install", "supamanager-crds", str(charts.CRDS), "-n", HOME)
    installer.run("install", *main)

    def replicas() -> int:
        return int(cluster.get("deployment", "supa-manager", "-n", HOME)["spec"]["replicas"])

    def api_pods() -> set[str]:
        return {pod["metadata"]["uid"] for pod in pods(cluster, "api")}

    before = api_pods()
    for _ in range(2):
        installer.run("upgrade", *main, *on)
        assert replicas() == 2
        assert api_pods() == before

    more = (*on, "--set", "api.autoscaling.minReplicas=3")
    installer.run("upgrade", *main, *more)
    wait_until(lambda: replicas() == 3, "the autoscaler", timeout=PATIENCE)
    for _ in range(2):
        installer.run("upgrade", *main, *more)
        assert replicas() == 3
        assert before < api_pods()
    rendered = yaml.safe_load_all(installer.run("get", "manifest", "supamanager", "-n", HOME))
    [deployment] = [
        body
        for body in rendered
        if (body["kind"], body["metadata"]["name"]) == ("Deployment", "supa-manager")
    ]
    assert "replicas" not in deployment["spec"], "what the autoscaler chose is left to it"

    installer.run("upgrade", *main, *more, "--set", "api.replicas=0", "--force-conflicts")
    assert replicas() == 0, "a value of none stops it all the same"
    installer.run("upgrade", *main, *more)
    wait_until(lambda: replicas() == 3, "the autoscaler", timeout=PATIENCE)
    off = ("--set", "api.autoscaling.enabled=false")
    with pytest.raises(HelmError, match="conflict"):
        installer.run("upgrade", *main, *off)
    cluster.kubectl("delete", "horizontalpodautoscaler", "supa-manager", "-n", HOME)
    installer.run("upgrade", *main, *off, "--force-conflicts")
    assert replicas() == 2

    wait_until(lambda: len(api_pods()) == 2, "two pods", timeout=PATIENCE)
    name = pods(cluster, "api")[0]["metadata"]["name"]
    address = f"http://127.0.0.1:{kubelet.port(name, 8080)}/readyz"
    cluster.kubectl("delete", "pod", name, "-n", HOME, "--wait=false")
    until = time.monotonic() + 3
    while time.monotonic() < until:
        assert httpx.get(address, trust_env=False).status_code == httpx.codes.OK
        time.sleep(0.1)
    assert name not in [pod["metadata"]["name"] for pod in pods(cluster, "api")]
    installer.run("uninstall", "supamanager", "-n", HOME, *WAIT)
    installer.run("uninstall", "supamanager-crds", "-n", HOME, *WAIT)


def test_a_postgresql_and_a_secret_of_ones_own_take_the_place_of_the_charts(
    cluster: ControlPlane, kubelet: Kubelet, installer: Helm, management_postgres: Postgres
):
    name = f"platform_{secrets.token_hex(4)}"
    dsn = management_postgres.create_database(name)
    metadata = {"name": "rds", "namespace": HOME}
    cluster.apply(
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"dsn": dsn}}
    )
    crds = ("supamanager-crds", str(charts.CRDS), "-n", HOME)
    installer.run("upgrade", "--install", *crds, "--take-ownership")
    installer.run(
        *("upgrade", "--install", "supamanager", str(charts.MAIN), "-n", HOME, "--take-ownership"),
        *(*SIGN_UP, "--set", "database.type=external"),
        *("--set", "database.external.secret.name=rds,database.external.secret.key=dsn"),
        *("--set", "secret.create=false,secret.name=own"),
    )
    wait_until(
        lambda: waits_for(cluster, "api") == {"CreateContainerConfigError"},
        "pods that wait for the Secret",
        timeout=PATIENCE,
    )
    cluster.kubectl(
        *("rollout", "status", "deployment/supamanager-operator", "-n", HOME),
        f"--timeout={PATIENCE}s",
        timeout=PATIENCE + 10,
    )
    found = cluster.get("secrets", "-n", HOME)["items"]
    assert {"own", SECRET}.isdisjoint(secret["metadata"]["name"] for secret in found)
    own = {key: secrets.token_urlsafe(32) for key in ("jwt-secret", "encryption-secret")}
    metadata = {"name": "own", "namespace": HOME}
    cluster.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": own})
    cluster.kubectl(
        *("rollout", "status", "deployment/supa-manager", "-n", HOME, f"--timeout={PATIENCE}s"),
        timeout=PATIENCE + 10,
    )
    assert cluster.get("statefulsets,persistentvolumeclaims", "-n", HOME)["items"] == []
    with ManagementApi(f"http://{kubelet.address('supa-manager', 8080)}") as api:
        api.sign_up("owner@example.com", f"{secrets.token_urlsafe(16)}aA1!")
        organization = api.create_organization("Team")
        ref = api.create_project(
            organization, "Own", region="mars-1", database_password=secrets.token_urlsafe(24)
        )
        await_active(api, ref)
    installer.run("test", "supamanager", "-n", HOME, "--timeout", f"{PATIENCE}s")
    stored = management_postgres.psql(
        "SELECT email FROM accounts", "SELECT project_name FROM project", database=name
    )
    assert {"owner@example.com", "Own"} <= set(stored.split())
    installer.run("uninstall", "supamanager", "-n", HOME, *WAIT)
    management_postgres.drop_database(name)


@pytest.mark.usefixtures("kubelet")
def test_plain_manifests_and_rendered_charts_may_be_applied_again_and_again(
    cluster: ControlPlane, helm: Helm
):
    """What kubectl, kustomize and Argo CD do, which never ask whether something is there."""

    def apply(file: str, *, stdin: str | None = None) -> tuple[Body, set[str], set[str]]:
        cluster.kubectl(
            *("apply", "--server-side", "--force-conflicts", "--filename", file), stdin=stdin
        )
        for workload in ("deployment/supamanager-operator", "deployment/supa-manager"):
            cluster.kubectl(
                *("rollout", "status", workload, "-n", HOME, f"--timeout={PATIENCE}s"),
                timeout=PATIENCE + 10,
            )
        kinds = "deployments,statefulsets,services,persistentvolumeclaims,networkpolicies"
        return (
            cluster.get("secret", SECRET, "-n", HOME),
            uids(cluster, "pods", HOME),
            uids(cluster, kinds, HOME),
        )

    first = apply(str(bundle.FILE))
    assert len(first[1]) == 5
    assert apply(str(bundle.FILE)) == first
    rendered = [
        helm.run("template", "supamanager", str(chart), "-n", HOME, "--skip-tests")
        for chart in (charts.CRDS, charts.MAIN)
    ]
    for _ in range(2):
        assert apply("-", stdin="\n---\n".join(rendered)) == first


def test_objects_for_other_controllers_are_of_their_kinds(
    cluster: ControlPlane, helm: Helm, announce: Callable[[str], None]
):
    """Their own definitions, in a dry run; the controllers are not there."""
    cluster.apply(foreignkinds.ensure(announce))
    wait_until(lambda: served(cluster) >= set(rendering.FOREIGN), "their kinds", timeout=30)
    documents = [
        document
        for document in rendering.render(helm, rendering.MATRIX["other controllers"])
        if document["kind"] in rendering.FOREIGN
    ]
    assert {document["kind"] for document in documents} == set(rendering.FOREIGN)
    for document in documents:
        document["metadata"]["namespace"] = "default"
    said = cluster.kubectl(
        *("apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename", "-"),
        stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": documents}),
    )
    assert said.count("serverside-applied (server dry run)") == len(documents) == 6
