"""What fails around the operator, and what it does when it is back."""

from __future__ import annotations

import base64
import json
import os
import shutil
import time
from pathlib import Path

import pytest

import crd
from operating import Cluster, OperatorProcess, await_that
from supamanager_kube import kinds


@pytest.fixture
def broken_operator(tmp_path: Path) -> dict[str, str]:
    """Variables that make a process use a copy of the operator whose auth template is broken."""
    for folder in ("operator", "manifests", "crds"):
        shutil.copytree(crd.ROOT / folder, tmp_path / folder)
    template = tmp_path / "manifests" / "auth.yaml.j2"
    template.write_text(template.read_text() + "\n{{ nothing.of.the.kind }}\n")
    return {"PYTHONPATH": str(tmp_path / "operator")}


def test_a_render_failure_prunes_nothing(
    cluster: Cluster,
    stopped_operator: OperatorProcess,
    broken_operator: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopped_operator.start(NAMESPACES=cluster.namespace)
    cluster.apply({})
    cluster.await_active()
    stopped_operator.stop()
    children = "deployments,statefulsets,services,configmaps,networkpolicies,jobs"
    before = {
        i["metadata"]["uid"]: i["metadata"].get("generation", 0)
        for i in cluster.get(children)["items"]
    }
    with monkeypatch.context() as patch:
        for name, value in broken_operator.items():
            patch.setitem(os.environ, name, value)
        stopped_operator.start(NAMESPACES=cluster.namespace)
    cluster.patch({"spec": {"services": {"vector": {"enabled": False}}}})
    stalled = cluster.await_condition("Stalled", reason="InvalidConfiguration")
    assert "cannot render the project" in stalled["message"]
    assert cluster.condition("Ready")["status"] == "True"
    after = {
        i["metadata"]["uid"]: i["metadata"].get("generation", 0)
        for i in cluster.get(children)["items"]
    }
    assert after == before
    assert "UndefinedError" in stopped_operator.log
    stopped_operator.kill()
    stopped_operator.start(NAMESPACES=cluster.namespace)
    await_that(
        lambda: cluster.find(kinds.DEPLOYMENT, "demo-vector"),
        lambda found: found is None,
        what="vector to be pruned",
    )
    cluster.await_active()


def test_two_projects_with_one_host(cluster: Cluster, operator: OperatorProcess) -> None:
    host = {"http": {"host": "shop.example"}}
    cluster.apply(host, name="first")
    cluster.await_condition("Ready", name="first", reason="Provisioning")
    time.sleep(1.1)  # creation times have whole seconds
    cluster.apply(host, name="second")
    stalled = cluster.await_condition("Stalled", name="second", reason="HostConflict")
    assert f"{cluster.namespace}/first" in stalled["message"]
    cluster.await_active("first")
    # Everything of the other goes on, but at its address in the cluster.
    cluster.await_active("second")
    assert cluster.condition("Stalled", "second")["reason"] == "HostConflict"
    assert cluster.condition("NetworkReady", "second")["reason"] == "Rejected"
    inside = f"http://second-gateway.{cluster.namespace}.svc:8000"
    assert cluster.project("second")["status"]["endpoints"]["api"] == inside
    cluster.kubectl("delete", "sbp", "first")
    await_that(
        lambda: cluster.project("second")["status"]["endpoints"]["api"],
        lambda url: url == "https://shop.example",
        what="the host to be the second project's",
    )
    cluster.await_active("second")
    assert cluster.condition("Stalled", "second") == {}


def test_a_project_that_loses_its_host_is_still_mended_and_paused(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    host = {"http": {"host": "shop.example"}}
    cluster.apply({"paused": True}, name="older")
    time.sleep(1.1)  # creation times have whole seconds
    cluster.apply(host)
    cluster.await_active()
    cluster.patch({"spec": host}, name="older")
    cluster.await_condition("Stalled", reason="HostConflict")
    before = cluster.get("deployment", "demo-meta")["metadata"]["uid"]
    cluster.kubectl("delete", "deployment", "demo-meta")
    await_that(
        lambda: cluster.find(kinds.DEPLOYMENT, "demo-meta"),
        lambda made: made is not None and made["metadata"]["uid"] != before,
        what="the Deployment to be made again",
    )
    cluster.patch({"spec": {"paused": True}})
    cluster.await_condition("Paused", status="True")
    assert cluster.get("pods", "-l", "supamanager.io/project=demo")["items"] == []
    cluster.patch({"spec": {"paused": False}})
    cluster.await_active()
    assert cluster.condition("Stalled")["reason"] == "HostConflict"


def test_an_edit_takes_a_host_from_the_younger_project(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({"http": {"host": "old.example"}}, name="first")
    cluster.await_condition("Ready", name="first", reason="Provisioning")
    time.sleep(1.1)  # creation times have whole seconds
    cluster.apply({"http": {"host": "shop.example:8443"}}, name="second")
    cluster.await_active("second")
    cluster.apply({"http": {"host": "shop.example"}}, name="first")
    stalled = cluster.await_condition("Stalled", name="second", reason="HostConflict")
    assert f"{cluster.namespace}/first" in stalled["message"]
    cluster.await_active("first")
    cluster.apply({"http": {"host": "old.example"}}, name="first")
    cluster.await_active("second")


def test_a_status_that_somebody_else_wrote_holds_nothing_up(
    cluster: Cluster, operator: OperatorProcess
) -> None:
    cluster.apply({})
    cluster.await_active()
    foreign = {"status": {"components": [{"name": "auth"}], "apiKeys": [{"id": "x"}]}}
    patch = json.dumps(foreign)
    cluster.kubectl("patch", "sbp", "demo", "--subresource=status", "--type=merge", "-p", patch)
    cluster.patch({"spec": {"auth": {"disableSignup": True}}})
    status = cluster.await_active()["status"]
    assert all("version" in entry for entry in status["components"])
    cluster.kubectl("patch", "sbp", "demo", "--subresource=status", "--type=merge", "-p", patch)
    cluster.kubectl("delete", "sbp", "demo", "--timeout=60s")


def test_keys_that_nobody_could_use_are_told(cluster: Cluster, operator: OperatorProcess) -> None:
    cluster.apply({})
    cluster.await_active()
    data = cluster.get("secret", "demo-keys")["data"]
    listed = json.loads(base64.b64decode(data["api-keys"]))
    encoded = base64.b64encode(json.dumps([{**listed[0], "name": 5}, *listed[1:]]).encode())
    cluster.patch({"data": {"api-keys": encoded.decode()}}, name="demo-keys", kind="secret")
    cluster.patch({"spec": {"auth": {"phone": True}}})
    stalled = cluster.await_condition("Stalled", reason="InvalidConfiguration")
    assert "entry 0 are not text" in stalled["message"]
    assert cluster.condition("SecretsReady")["status"] == "False"
    key = f"publishable-{listed[0]['id']}"
    mended = {"api-keys": data["api-keys"], key: ""}
    cluster.patch({"data": mended}, name="demo-keys", kind="secret")
    cluster.patch({"spec": {"auth": {"phone": False}}})
    await_that(
        lambda: cluster.condition("Stalled"),
        lambda found: key in found.get("message", ""),
        what="the empty key to be told",
    )
    cluster.patch({"data": {key: data[key]}}, name="demo-keys", kind="secret")
    cluster.patch({"spec": {"auth": {"phone": True}}})
    cluster.await_active()


def test_without_the_right_to_list_it_says_so_and_ends(
    cluster: Cluster, stopped_operator: OperatorProcess
) -> None:
    from supamanager_dev.errors import ProgramFailed

    with pytest.raises(ProgramFailed) as failure:
        stopped_operator.start(NAMESPACES="kube-system")
    assert "may not list supabaseprojects.supamanager.io in any of: kube-system" in str(
        failure.value
    )
    assert failure.value.code == 1


def test_a_closed_namespace_does_not_stop_the_others(
    cluster: Cluster, stopped_operator: OperatorProcess
) -> None:
    stopped_operator.start(NAMESPACES=f"kube-system,{cluster.namespace}")
    cluster.apply({})
    cluster.await_active()
    assert "kube-system" in stopped_operator.log
