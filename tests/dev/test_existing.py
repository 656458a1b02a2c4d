"""`make up KUBECONFIG_FILE=…`: operator and API on this machine, with a cluster of somebody else.

The cluster is a second local control plane without anything of ours in it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import making
from supamanager_dev import binaries, kubeconfig, rbac
from supamanager_dev.controlplane import ControlPlane


@pytest.fixture(scope="module")
def cluster(announce: Callable[[str], None]) -> Iterator[ControlPlane]:
    binaries.ensure(announce)
    with ControlPlane(crds=None) as running:
        yield running


def up(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "supamanager_dev", "up", "--once", "--kubeconfig", str(file)],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def test_a_project_becomes_active_in_it_and_a_second_time_too(cluster: ControlPlane) -> None:
    file = f"KUBECONFIG_FILE={cluster.admin_kubeconfig}"
    demo = making.run("demo", file, timeout=180)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    title, _, seconds = demo.stdout.splitlines()[-1].partition(": ")
    assert title == "active_seconds"
    assert 0 < float(seconds) < 120
    check(cluster, demo, projects=1)
    up = making.interrupted("up", file, at="Running until Ctrl-C.", timeout=180)
    assert up.stdout.splitlines()[-1] == "Stopping.", up.stdout + up.stderr
    check(cluster, up, projects=2)


def check(cluster: ControlPlane, done: making.Done, *, projects: int) -> None:
    assert f"using the cluster at {cluster.server}" in done.stdout
    assert "simulated" not in done.stdout
    found = cluster.get("sbp", "-n", rbac.PROJECTS_NAMESPACE)["items"]
    assert len(found) == projects, "what was made before is still there"
    assert {project["status"]["summary"] for project in found} == {"12/12"}
    lease = cluster.get("lease", rbac.OPERATOR, "-n", rbac.NAMESPACE)
    assert "holderIdentity" not in lease["spec"], "the next one need not wait"


def test_it_acts_under_the_rights_of_the_product(cluster: ControlPlane) -> None:
    events = [json.loads(line) for line in cluster.audit_log.read_text().splitlines()]
    users = {event["user"]["username"] for event in events}
    for account in (rbac.OPERATOR, rbac.API):
        assert f"system:serviceaccount:{rbac.NAMESPACE}:{account}" in users


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = up(tmp_path / "none")
    assert done.returncode == 1
    assert f"there is no kubeconfig {tmp_path / 'none'}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_without_a_cluster_is_told(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text('{"apiVersion": "v1", "kind": "Config"}')
    done = up(file)
    assert done.returncode == 1
    assert "current" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_cluster_that_does_not_answer_is_told(cluster: ControlPlane, tmp_path: Path) -> None:
    file = kubeconfig.write(
        tmp_path / "config",
        "https://127.0.0.1:9",
        ca_file=cluster.ca_file,
        user="nobody",
        token="none",
    )
    done = up(file)
    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
