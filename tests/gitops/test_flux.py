"""Flux's own controllers, a Git server, operator and API: one project among them all.

The files are those of `docs/gitops/`; only places and names are the test's.
"""

from __future__ import annotations

import datetime
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import doccommands
import gitserver
from gitserver import Repository
from operating import await_that
from plane import Plane
from supamanager_dev import kubectl
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.fluxcontrollers import FluxControllers
from supamanager_dev.generated import DOCS
from supamanager_kube import kinds

pytestmark = pytest.mark.long  # compiling the controllers takes longer than all other tests

FOLDER = DOCS / "gitops"
OWNER = "kustomize-controller"
SOURCE, SYNC = "gitrepository", "kustomization.kustomize.toolkit.fluxcd.io"
FLUX_NAME = "supabase-projects"
ABOUT = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "about"},
    "data": {"who": "acme"},
}


def example(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((FOLDER / name).read_text()))


@dataclass
class Delivery:
    """A repository whose files Flux applies."""

    plane: Plane
    repository: Repository
    namespace: str
    name: str
    controllers: FluxControllers

    def commit(self, **spec: Any) -> None:
        """The example's project with these fields in place of its own; waits until Flux has
        applied it and calls it current. A field that is None is not there."""
        self.await_applied(self.push(**spec))

    def push(self, **spec: Any) -> str:
        """As above, without waiting; returns the commit."""
        document = example("project/shop.yaml")
        document["metadata"]["name"] = self.name
        document["metadata"]["labels"]["supamanager.io/organization"] = self.plane.slug
        fields = {**document["spec"], **spec}
        document["spec"] = {key: value for key, value in fields.items() if value is not None}
        kustomization = (FOLDER / "project/kustomization.yaml").read_text()
        files = {"kustomization.yaml": kustomization, "shop.yaml": yaml.safe_dump(document)}
        return self.push_files(f"Set {', '.join(spec) or 'nothing else'}", files)

    def push_files(self, message: str, files: dict[str, str]) -> str:
        commit = self.repository.commit(message, files)
        self._ask(SOURCE)
        return commit

    def await_applied(self, commit: str) -> None:
        await_that(
            lambda: self._status(SYNC),
            lambda status: status.get("lastAppliedRevision", "").endswith(commit),
            what="Flux to have applied the commit and to call all of it current",
            timeout=90,
        )
        assert self.ready["status"] == "True", self.ready

    def sync(self) -> None:
        """As Flux does by itself after `interval`: the same commit once more."""
        asked = self._ask(SYNC)
        await_that(
            lambda: self._status(SYNC),
            lambda status: status.get("lastHandledReconcileAt") == asked,
            what="Flux to have looked again",
        )
        assert self.ready["status"] == "True", self.ready

    @property
    def ready(self) -> dict[str, Any]:
        conditions = self._status(SYNC).get("conditions", ())
        return next((dict(each) for each in conditions if each["type"] == "Ready"), {})

    def _status(self, kind: str) -> dict[str, Any]:
        found = self.plane.cluster.control_plane.get("-n", self.namespace, kind, FLUX_NAME)
        return dict(found.get("status", {}))

    def _ask(self, kind: str) -> str:
        now = datetime.datetime.now(datetime.UTC).isoformat()
        self.plane.cluster.control_plane.kubectl(
            *("-n", self.namespace, "annotate", "--overwrite", kind, FLUX_NAME),
            f"reconcile.fluxcd.io/requestedAt={now}",
        )
        return now


@pytest.fixture
def delivery(
    plane: Plane,
    control_plane: ControlPlane,
    flux_controllers: FluxControllers,
    tmp_path: Path,
    name: str,
) -> Iterator[Delivery]:
    namespace = f"flux-{secrets.token_hex(4)}"
    control_plane.create_namespace(namespace)
    folder = tmp_path / "projects"
    folder.mkdir()
    with gitserver.serve(folder) as repository:
        made = Delivery(plane, repository, namespace, name, flux_controllers)
        source, sync = example("flux/source.yaml"), example("flux/kustomization.yaml")
        for document in (source, sync):
            assert document["metadata"]["name"] == FLUX_NAME
            document["metadata"]["namespace"] = namespace
        source["spec"]["url"] = repository.url
        sync["spec"]["targetNamespace"] = plane.cluster.namespace
        repository.commit("Begin", {"about.yaml": yaml.safe_dump(ABOUT)})
        control_plane.apply([source, sync])
        yield made
        control_plane.kubectl("-n", namespace, "delete", SYNC, FLUX_NAME, "--timeout=60s")
        control_plane.remove_namespace(namespace)


def test_the_page_leads_to_a_project(
    plane: Plane,
    control_plane: ControlPlane,
    flux_controllers: FluxControllers,
    tmp_path: Path,
) -> None:
    """Its commands as they are, in a checkout where the example names a repository that exists."""
    (tmp_path / "projects").mkdir()
    shutil.copytree(FOLDER, tmp_path / "docs" / "gitops")
    [block] = [
        block.text
        for block in doccommands.blocks(FOLDER / "README.md")
        if block.section == "with-flux" and block.language == "sh"
    ]
    control_plane.create_namespace("flux-system")
    with gitserver.serve(tmp_path / "projects") as repository:
        files = ("kustomization.yaml", "shop.yaml")
        texts = {name: (FOLDER / "project" / name).read_text() for name in files}
        repository.commit("Begin", texts)
        for name, old, new in (
            ("source.yaml", "https://git.example.com/acme/projects.git", repository.url),
            ("kustomization.yaml", "supamanager-projects", plane.cluster.namespace),
        ):
            path = tmp_path / "docs" / "gitops" / "flux" / name
            path.write_text(path.read_text().replace(old, new))
        subprocess.run(
            ["bash", "-eu", "-c", block],
            cwd=tmp_path,
            check=True,
            timeout=180,
            env={
                "PATH": f"{kubectl.program().parent}:{os.defpath}",
                "HOME": str(tmp_path),
                "KUBECONFIG": str(control_plane.admin_kubeconfig),
            },
        )
        assert plane.cluster.project("shop")["status"]["summary"] == "12/12"
        control_plane.kubectl("-n", "flux-system", "delete", SYNC, FLUX_NAME, "--timeout=60s")
    control_plane.kubectl("delete", "namespace", "flux-system", "--wait=false")


def test_git_makes_a_project_changes_pauses_and_deletes_it(delivery: Delivery) -> None:
    plane = delivery.plane
    delivery.commit()
    project = plane.project(delivery.name)
    project.await_word("ACTIVE_HEALTHY")
    assert project.detail["name"] == "Shop"
    made = plane.cluster.project(delivery.name)
    assert made["status"]["summary"] == "12/12"

    refused = project.rename("Ours")
    assert refused.status_code == 409
    assert refused.json()["message"] == f'spec.displayName is owned by "{OWNER}"'
    refused = project.delete()
    assert refused.status_code == 409
    assert "Flux" in refused.json()["message"]
    assert project.expire(7200).status_code == 200
    project.await_field("auth", "jwtExpirySeconds", value=7200)
    plane.cluster.await_active(delivery.name)
    before = plane.cluster.project(delivery.name)["metadata"]
    delivery.sync()
    assert plane.cluster.project(delivery.name)["metadata"]["generation"] == before["generation"]

    delivery.commit(displayName="The shop")
    project.await_shown(name="The shop")
    assert project.spec["auth"] | {"jwtExpirySeconds": 7200} == project.spec["auth"]

    delivery.commit(paused=True)
    project.await_word("INACTIVE")
    refused = project.restore()
    assert refused.status_code == 409
    assert refused.json()["message"] == f'spec.paused is owned by "{OWNER}"'

    delivery.commit()
    project.await_word("ACTIVE_HEALTHY")
    assert project.pause().status_code == 201
    project.await_word("INACTIVE")
    delivery.sync()
    assert project.spec["paused"] is True
    assert plane.cluster.project(delivery.name)["metadata"]["uid"] == made["metadata"]["uid"]

    removed = delivery.push_files("Remove the shop", {"about.yaml": yaml.safe_dump(ABOUT)})
    delivery.await_applied(removed)
    await_that(
        lambda: plane.cluster.find(kinds.PROJECT, delivery.name),
        lambda found: found is None,
        what="the project to be gone",
    )
    project.await_word("REMOVED")


def test_git_takes_what_was_set_elsewhere_and_keeps_it(delivery: Delivery) -> None:
    delivery.commit()
    project = delivery.plane.project(delivery.name)
    assert project.expire(7200).status_code == 200
    project.await_field("auth", "jwtExpirySeconds", value=7200)

    auth = example("project/shop.yaml")["spec"]["auth"]
    delivery.commit(auth={**auth, "jwtExpirySeconds": 1800})
    assert project.spec["auth"]["jwtExpirySeconds"] == 1800
    refused = project.expire(60)
    assert refused.status_code == 409
    assert refused.json()["message"] == f'spec.auth.jwtExpirySeconds is owned by "{OWNER}"'
    # What the page no longer sets does not hold up what else is asked for.
    assert project.pause().status_code == 201
    project.await_field("paused", value=True)
    project.await_shown(left_out=[{"field": "spec.auth.jwtExpirySeconds", "owner": OWNER}])
    assert project.spec["auth"]["jwtExpirySeconds"] == 1800


def test_a_value_that_both_name_is_gits_from_the_next_difference_on(delivery: Delivery) -> None:
    """Flux compares values, not owners: it claims nothing that is already as it wants it."""
    delivery.commit()
    project = delivery.plane.project(delivery.name)
    assert project.expire(7200).status_code == 200
    project.await_field("auth", "jwtExpirySeconds", value=7200)
    auth = {**example("project/shop.yaml")["spec"]["auth"], "jwtExpirySeconds": 7200}
    delivery.commit(auth=auth)
    assert project.expire(60).status_code == 200
    project.await_field("auth", "jwtExpirySeconds", value=60)
    delivery.sync()
    project.await_field("auth", "jwtExpirySeconds", value=7200)
    assert project.expire(60).status_code == 409


def test_a_field_is_handed_over_without_a_gap(delivery: Delivery) -> None:
    """Set to the same value first, then taken out of Git, where Flux lets go of it as soon as there
    is anything to apply."""
    delivery.commit()
    project = delivery.plane.project(delivery.name)
    assert project.rename("Shop").status_code == 200
    await_that(
        lambda: project.owners.get("supamanager-api", ""),
        lambda fields: "f:displayName" in fields,
        what="the name to be the page's too",
    )
    delivery.commit(displayName=None)
    assert project.spec["displayName"] == "Shop"
    assert project.rename("Ours").status_code == 409
    delivery.commit(displayName=None, deletionPolicy="Delete")
    assert project.spec["displayName"] == "Shop"
    assert project.rename("Ours").status_code == 200
    project.await_field("displayName", value="Ours")
    delivery.sync()
    assert project.spec["displayName"] == "Ours"


def test_what_git_no_longer_names_gets_its_default(delivery: Delivery) -> None:
    delivery.commit(size="micro")
    project = delivery.plane.project(delivery.name)
    assert project.spec["size"] == "micro"
    delivery.commit(size=None, displayName=None)
    assert project.spec["size"] == "small"
    assert "displayName" not in project.spec
    assert project.rename("Ours").status_code == 200
    project.await_field("displayName", value="Ours")


def test_flux_tells_what_a_person_must_mend(delivery: Delivery) -> None:
    delivery.commit()
    delivery.plane.project(delivery.name)
    delivery.push(version="1999.01")
    failed = await_that(
        lambda: delivery.ready,
        lambda ready: ready["reason"] == "HealthCheckFailed",
        what="Flux to say what is wrong",
    )
    assert failed["status"] == "False"
    assert delivery.name in failed["message"]
    delivery.commit()
