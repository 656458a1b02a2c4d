"""The way of a log line from a node's file to its project's Vector.

The router is a real nginx, started by the command and the files of its pod. The agent's program
runs in the language's own runtime; Vector itself is not there.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from vrl_python import VRLRuntime

import rendering
from dnsstub import DnsStub
from supamanager_dev import nginx, ports
from supamanager_dev.helm import Helm
from supamanager_dev.progress import wait_until
from supamanager_dev.supervisor import Supervisor
from supamanager_kube import labels, names
from supamanager_kube.components import COMPONENTS
from supamanager_operator.render import data, releases

DOMAIN = "cluster.test"
PORT = COMPONENTS["vector"].ports["logs"]

Documents = list[dict[str, Any]]


@pytest.fixture(scope="module")
def documents(helm: Helm) -> Documents:
    return rendering.render(helm, {})


def of(documents: Documents, kind: str, name: str) -> dict[str, Any]:
    [found] = [d for d in documents if d["kind"] == kind and d["metadata"]["name"] == name]
    return found


def files(documents: Documents, name: str) -> dict[str, str]:
    found: dict[str, str] = of(documents, "ConfigMap", name)["data"]
    return found


class Receiver:
    """Stands in for a project's Vector; a context manager. `received` are paths and bodies."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.host = ""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                receiver.received.append((self.path, self.rfile.read(length)))
                receiver.host = self.headers["Host"]
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        # The port is Vector's own, so the address must be nobody else's.
        self.address = f"127.{'.'.join(str(1 + byte % 254) for byte in secrets.token_bytes(3))}"
        self._server = ThreadingHTTPServer((self.address, PORT), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def dns() -> Iterator[DnsStub]:
    with DnsStub() as running:
        yield running


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def shop(dns: DnsStub, receiver: Receiver) -> Receiver:
    """The Vector of the project `shop` in the namespace `team`."""
    dns.names[f"{names.child('shop', 'vector')}.team.svc.{DOMAIN}"] = receiver.address
    receiver.received.clear()
    return receiver


class Router:
    """nginx as the pod starts it, but for where its files are and where it listens."""

    def __init__(self, documents: Documents, folder: Path, *, resolv: str) -> None:
        spec = of(documents, "Deployment", "log-router")["spec"]["template"]["spec"]
        [container] = spec["containers"]
        [mounted] = [m for m in container["volumeMounts"] if m["name"] == "config"]
        for name, text in files(documents, "log-router").items():
            (folder / name).write_text(text)
        self.folder = folder
        (folder / "resolv.conf").write_text(resolv)
        (folder / "tmp").mkdir()
        self._words = [
            word.replace(mounted["mountPath"], str(folder)) for word in container["command"]
        ]
        [self.port] = ports.free(1)
        self._variables = {each["name"]: each["value"] for each in container["env"]} | {
            "PORT": str(self.port),
            "TMPDIR": str(folder / "tmp"),
            "RESOLV_CONF": str(folder / "resolv.conf"),
            "PATH": f"{nginx.folder()}{os.pathsep}{os.environ['PATH']}",
        }

    def start(self, supervisor: Supervisor) -> None:
        supervisor.start("nginx", self._words, env=self._variables)

    def await_health(self, supervisor: Supervisor) -> None:
        wait_until(
            lambda: self.ask("GET", "/healthz") == 200,
            "the router",
            timeout=20,
            alive=lambda: supervisor.check("nginx"),
        )

    def ask(self, method: str, path: str, body: bytes = b"") -> int:
        """The status of the answer; 0 if there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=False)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """Started by root, nginx works as somebody else, who may not look into pytest's folders."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def router(documents: Documents, dns: DnsStub, open_folder: Path) -> Iterator[Router]:
    resolv = (
        "# As a kubelet writes it.\n"
        f"search supamanager-logs.svc.{DOMAIN} svc.{DOMAIN} {DOMAIN} example.com\n"
        f"nameserver {dns.address}\n"
        "options ndots:5\n"
    )
    running = Router(documents, open_folder, resolv=resolv)
    with Supervisor("log-router") as supervisor:
        running.start(supervisor)
        running.await_health(supervisor)
        yield running


def test_lines_reach_the_vector_of_their_project(router: Router, shop: Receiver):
    body = b'{"message": "one"}\n{"message": "two"}\n'
    assert router.ask("POST", "/team/shop", body) == 200
    assert shop.received == [("/team/shop", body)]
    assert shop.host == f"shop-vector.team.svc.{DOMAIN}:{PORT}"


def test_a_large_batch_arrives_whole(router: Router, shop: Receiver):
    body = os.urandom(3_000_000)
    assert router.ask("POST", "/team/shop", body) == 200
    assert shop.received == [("/team/shop", body)]


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/team", "/team/", "/team/shop/", "/team/shop/more", "/team/Shop", "/Team/shop"),
        *("/team/shop.other", "/team/-shop", "/team/shop-", "/team/1shop", f"/team/{'a' * 41}"),
        *("/team/shop%2fmore", "/team/shop%00", "/team/shop:80", "/team/x@other", "/te.am/shop"),
        *("/team/shop%0d%0aHost:x", "/nginx.conf"),
    ],
)
def test_other_paths_lead_nowhere(router: Router, shop: Receiver, path: str):
    assert router.ask("POST", path, b"{}") in (400, 404)
    assert shop.received == []


def test_nobody_is_asked_with_another_method(router: Router, shop: Receiver):
    for method in ("GET", "PUT", "DELETE"):
        assert router.ask(method, "/team/shop") == 405
    assert shop.received == []


def test_a_vector_that_is_away_holds_nobody_up(router: Router, dns: DnsStub, shop: Receiver):
    dns.names[f"gone-vector.team.svc.{DOMAIN}"] = "127.0.0.1"
    for path in ("/team/none", "/elsewhere/shop"):
        assert router.ask("POST", path, b"{}") == 502
    assert router.ask("POST", "/team/gone", b"{}") in (502, 504)
    assert router.ask("POST", "/team/shop", b"{}") == 200


def test_a_service_that_moves_is_found_again(router: Router, dns: DnsStub):
    name = f"moving-vector.team.svc.{DOMAIN}"
    with Receiver() as first:
        dns.names[name] = first.address
        assert router.ask("POST", "/team/moving", b"{}") == 200
    with Receiver() as second:
        dns.names[name] = second.address
        wait_until(
            lambda: router.ask("POST", "/team/moving", b"{}") == 200 and bool(second.received),
            "the new address",
            timeout=30,
        )


def test_dns_servers_of_version_6_are_named_as_nginx_wants_them(
    documents: Documents, tmp_path: Path
):
    resolv = f"nameserver fd00::10\nnameserver 192.0.2.1\nsearch a.svc.{DOMAIN} svc.{DOMAIN}\n"
    router = Router(documents, tmp_path, resolv=resolv)
    with Supervisor("log-router") as supervisor:
        router.start(supervisor)
        router.await_health(supervisor)
    assert "resolver [fd00::10] 192.0.2.1 " in (tmp_path / "tmp" / "nginx.conf").read_text()


@pytest.mark.parametrize("resolv", ["nameserver 192.0.2.1\nsearch example.com\n", "search svc.x\n"])
def test_without_a_cluster_in_resolv_conf_it_says_so(
    documents: Documents, tmp_path: Path, resolv: str
):
    router = Router(documents, tmp_path, resolv=resolv)
    with Supervisor("log-router") as supervisor:
        router.start(supervisor)
        wait_until(lambda: supervisor.exit_code("nginx") is not None, "its end", timeout=20)
        assert supervisor.exit_code("nginx") == 1
        assert "resolv.conf names no DNS server" in supervisor.log_tail("nginx")


def agent(documents: Documents) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(files(documents, "log-agent")["vector.yaml"])
    return found


def run(program: str, event: dict[str, Any]) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = VRLRuntime.run(program, event, "UTC").processed_event
    except RuntimeError as error:
        if "aborted" not in str(error):
            raise
        return None
    return found


LINE = {
    "file": "/var/log/pods/team_shop-auth-1_uid/auth/0.log",
    "message": '{"level": "info"}',
    "stream": "stderr",
    "timestamp": "2026-01-18T09:30:00Z",
    "kubernetes": {
        "container_name": "auth",
        "pod_namespace": "team",
        "pod_ip": "192.0.2.7",
        "pod_labels": {
            labels.PROJECT: "shop",
            labels.PROJECT_COMPONENT: "auth",
            "example.com/secret": "x",
        },
    },
}
"""As the source `kubernetes_logs` gives it."""


def test_a_line_of_a_node_arrives_as_its_vector_reads_it(
    documents: Documents, router: Router, shop: Receiver
):
    config = agent(documents)
    event = run(config["transforms"]["line"]["source"], LINE)
    assert event is not None
    sink = config["sinks"]["router"]
    path = sink["uri"].removeprefix("http://log-router:8080")
    assert path.count("{{") == 2
    for field in ("namespace", "project"):
        path = path.replace(f"{{{{ .{field} }}}}", event[field])
    sent = {key: event[key] for key in event if key not in sink["encoding"]["except_fields"]}
    assert (sink["encoding"]["codec"], sink["framing"]) == ("json", {"method": "newline_delimited"})
    assert router.ask(sink["method"].upper(), path, f"{json.dumps(sent)}\n".encode()) == 200

    [(_, body)] = shop.received
    assert "example.com/secret" not in body.decode()
    assert run(data.text("vector/event.vrl"), json.loads(body)) == {
        "project": "default",
        "appname": "auth",
        "event_message": LINE["message"],
        "timestamp": LINE["timestamp"],
    }


def test_what_belongs_to_no_project_stays_on_its_node(documents: Documents):
    program = agent(documents)["transforms"]["line"]["source"]
    assert VRLRuntime.check_syntax(program) is None
    for kubernetes in ({}, {"pod_namespace": "team"}, {"pod_labels": {labels.PROJECT: "shop"}}):
        assert run(program, {"message": "x", "kubernetes": kubernetes}) is None


def test_the_agent_reads_the_pods_of_projects_but_their_vector(documents: Documents):
    source = agent(documents)["sources"]["pods"]
    assert source["type"] == "kubernetes_logs"
    assert source["extra_label_selector"] == f"{labels.PROJECT},{labels.PROJECT_COMPONENT}!=vector"


@pytest.mark.parametrize(
    ("watch", "selector"),
    [
        ({}, "kubernetes.io/metadata.name in (supamanager-projects)"),
        (
            {"namespaces": ["team-a", "team-b"]},
            "kubernetes.io/metadata.name in (supamanager-projects,team-a,team-b)",
        ),
        ({"clusterWide": True}, ""),
    ],
)
def test_the_agent_reads_what_the_platform_watches(
    helm: Helm, watch: dict[str, Any], selector: str
):
    documents = rendering.render(helm, {"watch": watch})
    spec = rendering.pods(documents)["DaemonSet/log-agent"]
    variables = {each["name"]: each for each in spec["containers"][0]["env"]}
    assert variables["LOG_NAMESPACES"]["value"] == selector
    assert "${LOG_NAMESPACES}" in files(documents, "log-agent")["vector.yaml"]
    field = variables["VECTOR_SELF_NODE_NAME"]["valueFrom"]["fieldRef"]["fieldPath"]
    assert field == "spec.nodeName"


def test_projects_and_router_agree_about_each_other(documents: Documents):
    """The edge from the log router in the operator's table, seen from the other side."""
    operator = rendering.pods(documents)["Deployment/supamanager-operator"]["containers"][0]
    variables = {each["name"]: each.get("value") for each in operator["env"]}
    home = of(documents, "Deployment", "log-router")["metadata"]["namespace"]
    assert variables["SUPAMANAGER_LOG_ROUTER_NAMESPACE"] == home == "supamanager-logs"
    policy = of(documents, "NetworkPolicy", "log-router")
    assert policy["metadata"]["namespace"] == home
    [vector, _dns] = policy["spec"]["egress"]
    assert vector == {
        "to": [
            {
                "namespaceSelector": {},
                "podSelector": {"matchLabels": {labels.PROJECT_COMPONENT: "vector"}},
            }
        ],
        "ports": [{"port": PORT, "protocol": "TCP"}],
    }
    router = of(documents, "NetworkPolicy", "log-router")["spec"]["ingress"]
    [agent_pods] = [peer["podSelector"] for rule in router for peer in rule["from"]]
    assert agent_pods == of(documents, "DaemonSet", "log-agent")["spec"]["selector"]
    assert of(documents, "NetworkPolicy", "log-agent")["spec"]["ingress"] == []


def test_the_agent_is_the_vector_of_the_newest_release(documents: Documents):
    [container] = rendering.pods(documents)["DaemonSet/log-agent"]["containers"]
    image = releases.load(releases.latest()).images["vector"]
    assert container["image"] == f"docker.io/{image}"


def test_switched_off_it_leaves_nothing(helm: Helm, documents: Documents):
    def places(found: Documents) -> set[tuple[str, str]]:
        return {(d["kind"], d["metadata"]["name"]) for d in found}

    off = rendering.render(helm, {"logs": {"enabled": False}})
    assert {name for _, name in places(documents) - places(off)} == {
        *("log-agent", "log-router", "supamanager-logs", "supamanager-log-agent-supamanager"),
    }
    assert places(off) < places(documents)
