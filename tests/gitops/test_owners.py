"""Who sets a field when a person's tool and the API both want to: each row of the table in
`docs/gitops/README.md`, on the real server with the real API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from operating import await_that
from plane import Plane, Project
from supamanager_dev import argocd
from supamanager_dev import helm as helm_tool
from supamanager_dev.errors import HelmError, KubectlError
from supamanager_dev.generated import DOCS
from supamanager_dev.helm import Helm
from supamanager_kube import labels

Spec = dict[str, Any]

# How each tool sends what is in its file; the last is what Argo CD does with ServerSideApply=true.
CLIENT_SIDE = ("apply",)
SERVER_SIDE = ("apply", "--server-side")
ARGO_CD = ("apply", "--server-side", "--force-conflicts", "--field-manager=argocd-controller")
OWNERS = {
    CLIENT_SIDE: "kubectl-client-side-apply",
    SERVER_SIDE: "kubectl",
    ARGO_CD: "argocd-controller",
}
every_tool = pytest.mark.parametrize("how", OWNERS, ids=["client-side", "server-side", "argo-cd"])
always_winning = pytest.mark.parametrize(
    "how", [CLIENT_SIDE, ARGO_CD], ids=["client-side", "argo-cd"]
)


@pytest.fixture
def apply(plane: Plane, name: str) -> Callable[[tuple[str, ...], Spec], None]:
    def send(how: tuple[str, ...], spec: Spec) -> None:
        document = {
            "apiVersion": labels.API_VERSION,
            "kind": labels.KIND,
            "metadata": {"name": name, "labels": {labels.ORGANIZATION: plane.slug}},
            "spec": spec,
        }
        plane.cluster.kubectl(*how, "--filename=-", stdin=json.dumps(document))

    return send


Apply = Callable[[tuple[str, ...], Spec], None]


@every_tool
def test_what_the_file_names_is_not_changed_elsewhere(
    plane: Plane, apply: Apply, name: str, how: tuple[str, ...]
) -> None:
    apply(how, {"displayName": "Shop"})
    project = plane.project(name)
    project.await_shown(name="Shop")
    refused = project.rename("Ours")
    assert refused.status_code == 409
    assert refused.json()["message"] == f'spec.displayName is owned by "{OWNERS[how]}"'
    assert project.spec["displayName"] == "Shop"
    assert project.detail["name"] == "Shop"


@pytest.mark.parametrize("how", [SERVER_SIDE, ARGO_CD], ids=["server-side", "argo-cd"])
def test_what_the_file_does_not_name_stays_as_it_was_set(
    plane: Plane, apply: Apply, name: str, how: tuple[str, ...]
) -> None:
    apply(how, {"displayName": "Shop"})
    project = plane.project(name)
    assert project.pause().status_code == 201
    assert project.expire(7200).status_code == 200
    project.await_field("auth", "jwtExpirySeconds", value=7200)
    apply(how, {"displayName": "The shop"})
    assert project.spec["displayName"] == "The shop"
    assert project.spec["paused"] is True
    assert project.spec["auth"]["jwtExpirySeconds"] == 7200


def test_whoever_makes_it_client_side_owns_the_defaults(
    plane: Plane, apply: Apply, name: str
) -> None:
    """The API server takes what it filled in for theirs; a server-side apply gives it back."""
    apply(CLIENT_SIDE, {"displayName": "Shop"})
    project = plane.project(name)
    refused = project.pause()
    assert refused.status_code == 409
    owner = OWNERS[CLIENT_SIDE]
    assert refused.json()["message"] == f'spec.paused is owned by "{owner}"'
    assert project.move("https://ours.test").status_code == 200
    project.await_field("auth", "siteURL", value="https://ours.test")

    apply(SERVER_SIDE, {"displayName": "Shop"})
    assert project.pause().status_code == 201
    project.await_field("paused", value=True)
    assert project.spec["auth"]["siteURL"] == "https://ours.test"


def test_what_kubectl_created_stays_its_own(plane: Plane, apply: Apply, name: str) -> None:
    """It is no apply: a later one, which owns what it names, gives nothing of it back."""
    apply(("create",), {"displayName": "Shop"})
    project = plane.project(name)
    apply((*SERVER_SIDE, "--force-conflicts"), {"displayName": "Shop"})
    refused = project.pause()
    assert refused.status_code == 409
    assert refused.json()["message"] == 'spec.paused is owned by "kubectl-create"'


@always_winning
def test_the_file_takes_what_was_set_elsewhere(
    plane: Plane, apply: Apply, name: str, how: tuple[str, ...]
) -> None:
    apply(how, {})
    project = plane.project(name)
    assert project.rename("Ours").status_code == 200
    project.await_field("displayName", value="Ours")
    apply(how, {"displayName": "Theirs"})
    assert project.spec["displayName"] == "Theirs"
    assert project.rename("Ours").status_code == 409

    # What the page no longer sets does not hold up what else is asked for.
    assert project.move("https://ours.test").status_code == 200
    project.await_field("auth", "siteURL", value="https://ours.test")
    project.await_shown(
        name="Theirs", left_out=[{"field": "spec.displayName", "owner": OWNERS[how]}]
    )
    apply(how, {"displayName": "Theirs", "auth": {"siteURL": "https://theirs.test"}})
    assert project.spec["auth"]["siteURL"] == "https://theirs.test"
    refused = project.move("https://another.test")
    assert refused.status_code == 409
    assert refused.json()["message"] == f'spec.auth.siteURL is owned by "{OWNERS[how]}"'


def test_a_server_side_apply_without_force_is_told(plane: Plane, apply: Apply, name: str) -> None:
    apply(SERVER_SIDE, {})
    project = plane.project(name)
    assert project.rename("Ours").status_code == 200
    project.await_field("displayName", value="Ours")
    with pytest.raises(KubectlError, match=r'conflict with "supamanager-api": \.spec\.displayName'):
        apply(SERVER_SIDE, {"displayName": "Theirs"})
    assert project.spec["displayName"] == "Ours"
    apply((*SERVER_SIDE, "--force-conflicts"), {"displayName": "Theirs"})
    assert project.spec["displayName"] == "Theirs"


@pytest.mark.parametrize("how", [SERVER_SIDE, ARGO_CD], ids=["server-side", "argo-cd"])
def test_a_server_side_apply_claims_what_it_names_though_it_is_so_already(
    plane: Plane, apply: Apply, name: str, how: tuple[str, ...]
) -> None:
    apply(how, {})
    project = plane.project(name)
    assert project.rename("Shop").status_code == 200
    project.await_field("displayName", value="Shop")
    apply(how, {"displayName": "Shop"})
    assert project.rename("Ours").status_code == 409
    assert project.spec["displayName"] == "Shop"


def test_a_client_side_apply_claims_only_what_it_changes(
    plane: Plane, apply: Apply, name: str
) -> None:
    """What is already as the file has it is not sent; the next difference is."""
    apply(CLIENT_SIDE, {})
    project = plane.project(name)
    assert project.rename("Shop").status_code == 200
    project.await_field("displayName", value="Shop")
    apply(CLIENT_SIDE, {"displayName": "Shop"})
    assert project.rename("Ours").status_code == 200
    project.await_field("displayName", value="Ours")
    apply(CLIENT_SIDE, {"displayName": "Shop"})
    assert project.spec["displayName"] == "Shop"
    assert project.rename("Ours").status_code == 409


@pytest.mark.parametrize("how", [SERVER_SIDE, ARGO_CD], ids=["server-side", "argo-cd"])
def test_a_field_of_both_is_handed_over_without_a_gap(
    plane: Plane, apply: Apply, name: str, how: tuple[str, ...]
) -> None:
    apply(how, {"displayName": "Shop"})
    project = plane.project(name)
    share(project)
    apply(how, {})
    assert project.spec["displayName"] == "Shop"
    assert project.rename("Ours").status_code == 200


def test_a_client_side_apply_removes_what_it_once_named(
    plane: Plane, apply: Apply, name: str
) -> None:
    """Whoever else has set it since: it is not handed over."""
    apply(CLIENT_SIDE, {"displayName": "Shop"})
    project = plane.project(name)
    share(project)
    apply(CLIENT_SIDE, {})
    assert "displayName" not in project.spec
    assert project.rename("Ours").status_code == 200
    project.await_field("displayName", value="Ours")


def share(project: Project) -> None:
    """Set the name to the value that it has, and wait until it is both's."""
    assert project.rename("Shop").status_code == 200
    await_that(
        lambda: project.owners.get(labels.MANAGER_API, ""),
        lambda fields: "f:displayName" in fields,
        what="the name to be the page's too",
    )


def test_helm_keeps_what_it_does_not_name_and_is_told_of_the_rest(
    plane: Plane,
    name: str,
    announce: Callable[[str], None],
    tmp_path: Path,
) -> None:
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    metadata = {"apiVersion": "v2", "name": "shop", "version": "1.0.0"}
    (chart / "Chart.yaml").write_text(yaml.safe_dump(metadata))
    (chart / "templates" / "shop.yaml").write_text(
        f"apiVersion: {labels.API_VERSION}\nkind: {labels.KIND}\n"
        f"metadata: {{name: {name}, labels: {{{labels.ORGANIZATION}: {plane.slug}}}}}\n"
        "spec: {{ .Values.spec | toJson }}\n"
    )
    helm = Helm(
        helm_tool.ensure(announce),
        home=tmp_path / "helm",
        kubeconfig=plane.cluster.control_plane.admin_kubeconfig,
    )

    def upgrade(spec: Spec, *options: str) -> None:
        values = tmp_path / "values.yaml"
        values.write_text(yaml.safe_dump({"spec": spec}))
        helm.run(
            *("upgrade", "--install", name, str(chart), "-n", plane.cluster.namespace),
            *("--values", str(values), *options),
        )

    upgrade({"displayName": "Shop"})
    project = plane.project(name)
    refused = project.rename("Ours")
    assert refused.status_code == 409
    assert refused.json()["message"] == 'spec.displayName is owned by "helm"'
    assert project.expire(7200).status_code == 200
    project.await_field("auth", "jwtExpirySeconds", value=7200)
    upgrade({"displayName": "The shop"})
    assert project.spec["displayName"] == "The shop"
    assert project.spec["auth"]["jwtExpirySeconds"] == 7200
    with pytest.raises(HelmError, match="supamanager-api"):
        upgrade({"auth": {"jwtExpirySeconds": 60}})
    assert project.spec["auth"]["jwtExpirySeconds"] == 7200
    upgrade({"auth": {"jwtExpirySeconds": 60}}, "--force-conflicts")
    assert project.spec["auth"]["jwtExpirySeconds"] == 60
    assert project.delete().status_code == 200
    project.await_word("REMOVED")


def test_what_is_deleted_here_is_made_again_by_the_next_apply(
    plane: Plane, apply: Apply, name: str
) -> None:
    """kubectl leaves no mark of a tool that comes back; what the project was is kept for it."""
    apply(CLIENT_SIDE, {})
    project = plane.project(name)
    project.await_word("ACTIVE_HEALTHY")
    assert project.delete().status_code == 200
    project.await_word("REMOVED")
    apply(CLIENT_SIDE, {})
    again = plane.project(name)
    again.await_word("ACTIVE_HEALTHY")
    assert again.ref != project.ref


def test_the_health_check_is_one_patch_of_argo_cds_settings(plane: Plane) -> None:
    kubectl = plane.cluster.kubectl
    kubectl("create", "configmap", "argocd-cm", "--from-literal=url=https://argocd.example.com")
    kubectl("patch", "configmap", "argocd-cm", f"--patch-file={argocd.PATCH}")
    data = plane.cluster.get("configmap", "argocd-cm")["data"]
    assert data["url"] == "https://argocd.example.com"
    assert data[argocd.KEY] == argocd.SCRIPT.read_text()


def test_argo_cds_project_is_the_same_as_fluxs() -> None:
    application = yaml.safe_load((DOCS / "gitops/argocd/application.yaml").read_text())["spec"]
    source = yaml.safe_load((DOCS / "gitops/flux/source.yaml").read_text())["spec"]
    sync = yaml.safe_load((DOCS / "gitops/flux/kustomization.yaml").read_text())["spec"]
    assert application["source"]["repoURL"] == source["url"]
    assert application["source"]["targetRevision"] == source["ref"]["branch"]
    assert application["destination"]["namespace"] == sync["targetNamespace"]
    assert application["syncPolicy"]["syncOptions"] == ["ServerSideApply=true"]
