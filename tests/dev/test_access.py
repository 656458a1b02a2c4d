"""Who may do what on the local control plane, what it records, and how it goes away."""

from __future__ import annotations

import json
import secrets
import subprocess
from pathlib import Path

import pytest

from supamanager_dev import kubectl, rbac
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.errors import DevError, KubectlError


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        "clusterRole:\n"
        "  - {apiGroups: [''], resources: [nodes], verbs: [list]}\n"
        "ownRole:\n"
        "  - {apiGroups: [''], resources: [pods], verbs: [create]}\n"
        "projectsRole:\n"
        "  - {apiGroups: [''], resources: [configmaps], verbs: [get, create]}\n"
    )
    monkeypatch.setitem(rbac.RULES, rbac.OPERATOR, file)


@pytest.mark.usefixtures("rules")
def test_an_account_may_do_what_its_rule_list_says_and_nothing_else(
    control_plane: ControlPlane, namespace: str, tmp_path: Path
):
    config = rbac.bind(control_plane, rbac.OPERATOR, projects=[namespace])

    def ask(*arguments: str) -> str:
        return kubectl.run(config, *arguments, cache=tmp_path)

    who = json.loads(ask("auth", "whoami", "-o", "json"))["status"]["userInfo"]["username"]
    assert who == "system:serviceaccount:supamanager:supamanager-operator"
    assert "simulated" in ask("get", "nodes")
    ask("create", "configmap", "mine", "-n", namespace)
    assert ask("auth", "can-i", "create", "pods", "-n", "supamanager") == "yes\n"
    for forbidden in (
        ["get", "secrets", "-n", namespace],
        ["get", "configmap", "kube-root-ca.crt", "-n", "default"],
        ["delete", "configmap", "mine", "-n", namespace],
        ["delete", "node", "simulated"],
        ["create", "configmap", "mine", "-n", "supamanager"],
    ):
        with pytest.raises(KubectlError, match="is forbidden"):
            ask(*forbidden)


def test_a_rule_list_with_other_keys_is_refused(tmp_path: Path):
    file = tmp_path / "rules.yaml"
    file.write_text("clusterRole: []\nroles: []\n")
    with pytest.raises(DevError, match="clusterRole, ownRole, projectsRole"):
        rbac.load(file)


def test_files_with_credentials_are_ours_alone(control_plane: ControlPlane):
    assert control_plane.directory.stat().st_mode & 0o077 == 0
    secret = [*control_plane.directory.glob("*.kubeconfig"), *control_plane.directory.glob("*.key")]
    assert len(secret) >= 6
    for path in [*secret, control_plane.directory / "tokens.csv"]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_no_command_line_shows_a_token(control_plane: ControlPlane):
    tokens = [
        line.split(",")[0]
        for line in (control_plane.directory / "tokens.csv").read_text().splitlines()
    ]
    lines = subprocess.run(
        ["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True
    ).stdout
    assert "--token-auth-file" in lines
    assert not [token for token in tokens if token in lines]


def test_the_audit_log_names_who_asked_for_what(control_plane: ControlPlane):
    name = f"audited-{secrets.token_hex(4)}"
    with pytest.raises(KubectlError, match="not found"):
        control_plane.kubectl("get", "configmap", name, "-n", "default")
    events = [json.loads(line) for line in control_plane.audit_log.read_text().splitlines()]
    (event,) = [each for each in events if each.get("objectRef", {}).get("name") == name]
    assert event["verb"] == "get"
    assert event["userAgent"].startswith("kubectl/")
    assert event["user"]["username"] == "supamanager-dev-admin"
    assert event["responseStatus"]["code"] == 404
    assert not [each for each in events if each["requestURI"].startswith("/readyz")]


def test_an_outage_of_the_api_server_keeps_address_and_data(
    control_plane: ControlPlane, namespace: str
):
    control_plane.kubectl("create", "configmap", "kept", "-n", namespace)
    server = control_plane.server
    control_plane.stop_apiserver()
    try:
        assert not control_plane.api.ready()
        with pytest.raises(KubectlError, match="refused"):
            control_plane.kubectl("get", "nodes")
    finally:
        control_plane.start_apiserver()
    assert control_plane.server == server
    assert "kept" in control_plane.kubectl("get", "configmaps", "-n", namespace)


def test_a_failing_document_is_named(control_plane: ControlPlane, namespace: str):
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "Not Valid"}}
    with pytest.raises(KubectlError, match=r"kubectl apply.*Not Valid"):
        control_plane.apply(document, namespace=namespace)
