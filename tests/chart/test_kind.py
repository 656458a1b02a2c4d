"""The steps of `make kind` behind the creation of the cluster, as they are, on a local one.

The charts are installed by the script and a project made by the program that `make kind` runs.
Pods of the platform are processes, those of the project KWOK's; the smoke test's requests go to a
stub of the project.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

import projectstub
from projectstub import ProjectStub
from supamanager_dev import binaries, charts, firstproject, helm, rbac, smoke
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.firstproject import FirstProject
from supamanager_dev.kubelet import Kubelet
from supamanager_dev.poddatabase import IMAGE, PodDatabases

if TYPE_CHECKING:
    from supamanager_dev.postgres import Postgres

ROOT = charts.ROOT
HOME = rbac.NAMESPACE


@pytest.fixture(scope="module")
def cluster(announce: Callable[[str], None]) -> Iterator[ControlPlane]:
    """Nothing of ours is installed."""
    binaries.ensure(announce)
    helm.ensure(announce)
    with ControlPlane(crds=None, without_kwok=[HOME]) as running:
        yield running


@pytest.fixture(scope="module")
def kubelet(cluster: ControlPlane) -> Iterator[Kubelet]:
    with (
        PodDatabases(cluster) as databases,
        Kubelet(cluster, HOME, stand_ins={IMAGE: databases.start}) as running,
    ):
        yield running
        running.check()


@pytest.fixture(scope="module")
def stub(management_postgres: Postgres) -> Iterator[ProjectStub]:
    with projectstub.running(management_postgres.create_database("kind")) as running:
        yield running
    management_postgres.drop_database("kind")


@pytest.fixture(scope="module")
def install(
    cluster: ControlPlane, kubelet: Kubelet, stub: ProjectStub, tmp_path_factory
) -> Callable[[], str]:
    values = tmp_path_factory.mktemp("values") / "values.yaml"
    settings = {"SERVICE_URL_TEMPLATE": stub.template}
    values.write_text(yaml.safe_dump({"api": {"settings": settings}}))

    def run() -> str:
        done = subprocess.run(
            [ROOT / "dev" / "kind" / "install.sh", "--values", str(values)],
            env={
                **os.environ,
                "KUBECONFIG": str(cluster.admin_kubeconfig),
                "PYTHON_OF_VENV": sys.executable,
            },
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_installed_with_a_project_that_passes_the_smoke_test(
    cluster: ControlPlane,
    kubelet: Kubelet,
    stub: ProjectStub,
    install: Callable[[], str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    assert install().count("Phase:          Succeeded") == 2, "both tests of the chart"
    pods = {pod["metadata"]["uid"] for pod in cluster.get("pods", "-n", HOME)["items"]}
    file = tmp_path / "project.json"
    api = f"http://{kubelet.address('supa-manager-on-node', 8080)}"
    assert firstproject.main([api, str(file)]) == 0
    project = FirstProject.read(file)
    body = cluster.get("sbp", project.ref, "-n", rbac.PROJECTS_NAMESPACE)
    assert body["status"]["summary"] == "12/12"
    assert body["spec"]["auth"]["email"] == {"autoconfirm": True, "enabled": True}

    stub.anon_key, stub.service_key = project.anon_key, project.service_role_key
    assert smoke.main([str(file), "--gateway", stub.gateway]) == 0
    told = capsys.readouterr().out
    assert told.count(" ok ") == 7
    assert "log line" in told.splitlines()[-1]

    install()
    again = {pod["metadata"]["uid"] for pod in cluster.get("pods", "-n", HOME)["items"]}
    assert again == pods, "a second run of the script restarts nothing"


def test_each_port_of_the_machine_leads_to_a_service_of_the_platform(
    cluster: ControlPlane, install: Callable[[], str]
):
    """What `kind-config.yaml` leads to the node is open there, and selects the chart's pods."""
    config = yaml.safe_load((ROOT / "kind-config.yaml").read_text())
    mappings = config["nodes"][0]["extraPortMappings"]
    led = {each["containerPort"]: each["hostPort"] for each in mappings}
    assert {each["listenAddress"] for each in mappings} == {"127.0.0.1"}
    assert (led.pop(80), led.pop(443)) == (80, 443)
    services = cluster.get("services", "-n", HOME)["items"]
    opened = {
        port["nodePort"]: (port["port"], service["spec"]["selector"])
        for service in services
        for port in service["spec"]["ports"]
        if "nodePort" in port
    }
    assert {node: port for node, (port, _) in opened.items()} == led
    selected = {
        service["metadata"]["name"]: service["spec"]["selector"]
        for service in services
        if service["spec"]["type"] == "ClusterIP"
    }
    assert opened[30080][1] == selected["supa-manager"]
    assert opened[30432][1] == selected["database"]
