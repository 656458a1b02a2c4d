"""The operator is killed after each write of a first start, and another one goes on.

The write has been made and its answer never arrives: a proxy between operator and API server
counts the writes and kills the process.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from apiproxy import ApiProxy
from operating import Cluster, OperatorProcess, await_that

if TYPE_CHECKING:
    from forks import ForkSupervisor
    from supamanager_dev.controlplane import ControlPlane

KINDS = (
    "deployments,statefulsets,services,configmaps,networkpolicies,jobs,serviceaccounts,"
    "persistentvolumeclaims,secrets,supabaseprojects"
)
EVERY = 4
SPREAD = 4
"""By how many writes two clean starts may differ: states that pass quickly are told in one."""
REST_SECONDS = 3.0


class Site:
    """One project, the operators that work on it, and the proxy between them and the server."""

    def __init__(
        self, control_plane: ControlPlane, supervisor: ForkSupervisor, folder: Path
    ) -> None:
        self._control_plane = control_plane
        self._supervisor = supervisor
        self._folder = folder
        self._number = 0
        self.killed_at_rest = 0

    def run(self, *, kill_after: int | None) -> tuple[list[str], dict[str, Any]]:
        """Start, kill after that write, start again; returns the writes and the objects."""
        from supamanager_dev import rbac

        self._number += 1
        namespace = f"kill-{self._folder.name[-4:]}-{self._number}".lower().replace("_", "-")
        folder = self._folder / namespace
        folder.mkdir()
        self._control_plane.create_namespace(namespace, labels=rbac.PROJECTS_LABELS)
        cluster = Cluster(self._control_plane, namespace)
        kubeconfig = rbac.bind(self._control_plane, rbac.OPERATOR, projects=[namespace])
        operator = OperatorProcess(
            self._supervisor,
            kubeconfig=folder / "kubeconfig",
            number=self._number * 100,
            lease=namespace,
        )

        def after_write(number: int) -> None:
            if number == kill_after:
                operator.kill()

        with ApiProxy(
            server=self._control_plane.server,
            ca_file=self._control_plane.ca_file,
            folder=folder,
            after_write=after_write,
        ) as proxy:
            config = yaml.safe_load(kubeconfig.read_text())
            target = config["clusters"][0]["cluster"]
            target.clear()
            target.update({"server": proxy.url, "certificate-authority": str(proxy.ca_file)})
            (folder / "kubeconfig").write_text(yaml.safe_dump(config))
            cluster.apply({})
            operator.start(NAMESPACES=namespace)
            if kill_after is not None:
                await_that(
                    lambda: operator.ended or at_rest(cluster, proxy),
                    bool,
                    what="the fatal write, or the end of all writes",
                )
                if operator.ended:
                    assert len(proxy.writes) >= kill_after
                else:
                    assert len(proxy.writes) >= kill_after - SPREAD
                    operator.kill()
                    self.killed_at_rest += 1
                operator.start(NAMESPACES=namespace)
            cluster.await_active()
            operator.stop()
            found = objects(cluster)
            writes = list(proxy.writes)
        self._control_plane.remove_namespace(namespace)
        return writes, found


def at_rest(cluster: Cluster, proxy: ApiProxy) -> bool:
    """Whether the project is active and nothing was written for a while."""
    quiet = time.monotonic() - proxy.last_write > REST_SECONDS
    return quiet and cluster.condition("Ready").get("reason") == "Active"


def objects(cluster: Cluster) -> dict[str, Any]:
    """All objects of the project, without what differs from one start to the next."""
    items = [
        item
        for item in cluster.get(KINDS)["items"]
        if item["metadata"]["name"] not in ("default", "kube-root-ca.crt")
    ]
    secrets = {
        item["metadata"]["name"]: decoded(item["data"])
        for item in items
        if item["kind"] == "Secret"
    }
    found = {
        f"{item['kind']}/{item['metadata']['name']}": normal(item, cluster.namespace)
        for item in items
    }
    for name, data in with_names_for_values(secrets).items():
        found[f"Secret/{name}"]["data"] = normal(data, cluster.namespace)
    return found


def decoded(files: dict[str, str]) -> dict[str, str]:
    return {name: base64.b64decode(content).decode() for name, content in files.items()}


NOT_GENERATED = {
    "demo-database": {"host", "port", "dbname", "username", "uri"},
    "demo-dashboard": {"username"},
    "demo-gateway": {"kong.yml"},
    "demo-keys": {"api-keys"},
}


def with_names_for_values(secrets: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The Secrets with the name of each generated value in its place, wherever it stands: also
    where another value is made from it."""
    generated = {
        value: f"<{name}/{key}>"
        for name, data in sorted(secrets.items())
        for key, value in sorted(data.items())
        if key not in NOT_GENERATED.get(name, ())
    }
    longest = sorted(generated, key=len, reverse=True)

    def named(text: str) -> str:
        for value in longest:
            text = text.replace(value, generated[value])
        return text

    result = {
        name: {key: named(value) for key, value in data.items()} for name, data in secrets.items()
    }
    listed = json.loads(secrets["demo-keys"]["api-keys"])
    result["demo-keys"]["api-keys"] = json.dumps(
        [{**key, "id": "ID", "createdAt": "TIME"} for key in listed]
    )
    return result


UNSTABLE = {
    "uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", "status",
    "clusterIP", "clusterIPs", "volumeName", "deployment.kubernetes.io/revision",
    "supamanager.io/project-uid", "supamanager.io/checksum", "supamanager.io/applied-hash",
    "supamanager.io/initialized", "batch.kubernetes.io/controller-uid", "controller-uid",
}  # fmt: skip


def normal(value: Any, namespace: str) -> Any:
    if isinstance(value, dict):
        if value.get("kind") == "Secret":
            return {**value, "metadata": normal(value["metadata"], namespace), "data": {}}
        if files := value.get("binaryData"):
            # Files name hosts, and so the namespace.
            value = {**value, "binaryData": decoded(files)}
        return {k: normal(v, namespace) for k, v in value.items() if k not in UNSTABLE}
    if isinstance(value, list):
        return [normal(entry, namespace) for entry in value]
    if isinstance(value, str):
        text = value.replace(namespace, "NAMESPACE")
        return re.sub(r"(demo-init-)[0-9a-f]{8}", r"\1DIGEST", text)
    return value


def renamed(found: dict[str, Any]) -> dict[str, Any]:
    """Opaque keys have ids in their names, and the Job's name carries a hash of the checksum."""
    text = re.sub(r"(publishable|secret)-[0-9a-f-]{36}", r"\1-ID", json.dumps(found))
    text = re.sub(r"demo-init-[0-9a-f]{8}", "demo-init-DIGEST", text)
    renamed: dict[str, Any] = json.loads(text)
    return renamed


@pytest.fixture
def site(control_plane: ControlPlane, processes: ForkSupervisor, tmp_path: Path) -> Site:
    return Site(control_plane, processes, tmp_path)


def matrix(site: Site, *, every: int) -> str:
    """Raises AssertionError unless each converged; tells how many that were."""
    writes, clean = site.run(kill_after=None)
    expected = renamed(clean)
    assert len(expected) > 40
    assert_secrets_fit_together(expected)
    numbers = range(1, len(writes) + 1, every)
    failures = {}
    for number in numbers:
        _, found = site.run(kill_after=number)
        if renamed(found) != expected:
            failures[number] = (writes[number - 1], diff(expected, renamed(found)))
    total = len(numbers)
    assert failures == {}
    return (
        f"killed after {total} of {len(writes)} writes ({site.killed_at_rest} of them at rest, "
        f"for want of the write): {total} of {total} converged"
    )


def assert_secrets_fit_together(found: dict[str, Any]) -> None:
    """What is derived was made from the values that are live now."""
    database = found["Secret/demo-database"]["data"]
    password = database["password"]
    host = "demo-database.NAMESPACE.svc"
    assert database["host"] == host
    assert database["uri"] == f"postgresql://postgres:{password}@{host}:5432/postgres"
    consumers = yaml.safe_load(found["Secret/demo-gateway"]["data"]["kong.yml"])["consumers"]
    keys = {
        consumer["username"]: [entry["key"] for entry in consumer.get("keyauth_credentials", ())]
        for consumer in consumers
    }
    assert keys["anon"] == ["<demo-keys/anon-key>", "<demo-keys/publishable-ID>"]
    assert keys["service_role"] == ["<demo-keys/service-role-key>", "<demo-keys/secret-ID>"]


def diff(expected: Any, found: Any, path: str = "") -> list[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        return [
            line
            for key in expected.keys() | found.keys()
            for line in diff(expected.get(key), found.get(key), f"{path}.{key}")
        ]
    return [] if expected == found else [f"{path}: {expected!r} became {found!r}"]


def test_killed_after_every_fourth_write(site: Site, figure: Callable[[str], None]) -> None:
    figure(matrix(site, every=EVERY))


@pytest.mark.long
def test_killed_after_every_write(site: Site, figure: Callable[[str], None]) -> None:
    figure(matrix(site, every=1))
