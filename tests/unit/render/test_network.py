"""Policies against the table of edges, and the table against what is rendered."""

from __future__ import annotations

import base64
import ipaddress
import re

import pytest

from supamanager_kube.components import COMPONENTS
from supamanager_operator import render
from supamanager_operator.render import edges, network
from supamanager_operator.render.inputs import Cluster

PODS = (*COMPONENTS, "init")
PROJECT = "supamanager.io/project"
COMPONENT = "supamanager.io/component"


class Cloud:
    """A small evaluator of NetworkPolicies: which connections of a namespace they allow."""

    def __init__(self, policies, *, namespace="projects", project="shop"):
        self.policies = policies
        self.namespace = namespace
        self.project = project

    def allows(self, source, target, port, protocol="TCP"):
        """`source` and `target` are components, (namespace, labels) or addresses."""
        source, target = self._end(source), self._end(target)
        return self._side("egress", source, target, port, protocol) and self._side(
            "ingress", target, source, port, protocol
        )

    def _end(self, end):
        if isinstance(end, str) and not end[0].isdigit() and ":" not in end:
            return self.namespace, {PROJECT: self.project, COMPONENT: end}
        return end

    def _side(self, direction, subject, peer, port, protocol):
        if isinstance(subject, str):
            return True
        selecting = [
            policy["spec"]
            for policy in self.policies
            if policy["metadata"]["namespace"] == subject[0]
            and policy["spec"]["podSelector"]["matchLabels"].items() <= subject[1].items()
            and direction.capitalize() in policy["spec"]["policyTypes"]
        ]
        if not selecting:
            return True
        side = "to" if direction == "egress" else "from"
        return any(
            self._port(rule, port, protocol)
            and (side not in rule or any(self._peer(entry, peer) for entry in rule[side]))
            for spec in selecting
            for rule in spec.get(direction, ())
        )

    @staticmethod
    def _port(rule, port, protocol):
        return "ports" not in rule or {"port": port, "protocol": protocol} in rule["ports"]

    def _peer(self, entry, peer):
        if "ipBlock" in entry:
            if not isinstance(peer, str):
                return False
            address = ipaddress.ip_address(peer)
            block = ipaddress.ip_network(entry["ipBlock"]["cidr"])
            return address in block and not any(
                address in ipaddress.ip_network(cidr) for cidr in entry["ipBlock"].get("except", ())
            )
        if isinstance(peer, str):
            return False
        namespace, labels = peer
        if "namespaceSelector" in entry:
            wanted = entry["namespaceSelector"].get("matchLabels", {})
            if not wanted.items() <= {"kubernetes.io/metadata.name": namespace}.items():
                return False
        elif namespace != self.namespace:
            return False
        return entry.get("podSelector", {}).get("matchLabels", {}).items() <= labels.items()


@pytest.fixture
def cloud(make_inputs):
    return lambda spec=None, **options: Cloud(network.policies(make_inputs(spec, **options)))


ALLOWED = {
    ("gateway", "auth", 9999),
    ("gateway", "rest", 3000),
    ("gateway", "realtime", 4000),
    ("gateway", "storage", 5000),
    ("gateway", "functions", 9000),
    ("gateway", "meta", 8080),
    ("gateway", "studio", 3000),
    ("auth", "database", 5432),
    ("rest", "database", 5432),
    ("realtime", "database", 5432),
    ("storage", "database", 5432),
    ("storage", "rest", 3000),
    ("storage", "imgproxy", 5001),
    ("meta", "database", 5432),
    ("functions", "gateway", 8000),
    ("functions", "database", 5432),
    ("analytics", "database", 5432),
    ("vector", "analytics", 4000),
    ("studio", "meta", 8080),
    ("studio", "gateway", 8000),
    ("studio", "database", 5432),
    ("studio", "analytics", 4000),
    ("init", "database", 5432),
}
PORTS = {port for component in COMPONENTS.values() for port in component.ports.values()}


def test_exactly_these_pairs_may_talk(cloud):
    evaluator = cloud({"http": {"host": "shop.example.com"}})
    found = {
        (source, target, port)
        for source in PODS
        for target in PODS
        for port in PORTS
        if evaluator.allows(source, target, port)
    }
    assert found == ALLOWED


def test_the_gateway_as_public_url_may_be_called_by_who_is_told_it(cloud):
    inside, outside = cloud(), cloud({"http": {"host": "shop.example.com"}})
    for source in ("auth", "rest", "storage"):
        assert inside.allows(source, "gateway", 8000)
        assert not outside.allows(source, "gateway", 8000)


STRANGER = ("elsewhere", {"app": "x"})
NEIGHBOUR = ("projects", {PROJECT: "blog", COMPONENT: "auth"})
API = ("supamanager", {"app": "api"})
ROUTER = ("logs", {"app": "router"})


@pytest.mark.parametrize(
    ("source", "target", "port", "allowed"),
    [
        (STRANGER, "gateway", 8000, True),
        ("203.0.113.9", "gateway", 8000, True),
        (STRANGER, "gateway", 8100, False),
        (STRANGER, "studio", 3000, False),
        (STRANGER, "database", 5432, False),
        (NEIGHBOUR, "gateway", 8000, True),
        (NEIGHBOUR, "database", 5432, False),
        (NEIGHBOUR, "auth", 9999, False),
        (API, "gateway", 8000, True),
        (API, "meta", 8080, True),
        (API, "storage", 5000, True),
        (API, "analytics", 4000, True),
        (API, "database", 5432, False),
        (API, "auth", 9999, False),
        (ROUTER, "vector", 9002, True),
        (ROUTER, "vector", 9001, False),
        (ROUTER, "analytics", 4000, False),
        (API, "vector", 9002, False),
        ("203.0.113.9", "database", 5432, False),
    ],
)
def test_from_outside(cloud, source, target, port, allowed):
    evaluator = cloud(cluster=Cluster(log_router_namespace="logs"))
    assert evaluator.allows(source, target, port) == allowed


def test_allowed_addresses_reach_the_database_only(cloud):
    evaluator = cloud({"network": {"databaseAllowedCIDRs": ["203.0.113.0/24", "2001:db8::/32"]}})
    assert evaluator.allows("203.0.113.9", "database", 5432)
    assert evaluator.allows("2001:db8::9", "database", 5432)
    assert not evaluator.allows("198.51.100.9", "database", 5432)
    assert not evaluator.allows("203.0.113.9", "meta", 8080)


@pytest.mark.parametrize("pod", PODS)
def test_every_pod_may_ask_dns(cloud, pod):
    evaluator = cloud()
    for server in (("kube-system", {"k8s-app": "kube-dns"}), "169.254.20.10"):
        for protocol in ("UDP", "TCP"):
            assert evaluator.allows(pod, server, 53, protocol)
    assert not evaluator.allows(pod, "169.254.169.254", 53)
    assert not evaluator.allows(pod, ("kube-system", {}), 443)


INTERNET = ("auth", "database", "functions", "imgproxy")


@pytest.mark.parametrize("pod", PODS)
def test_who_may_call_the_internet(cloud, pod):
    evaluator = cloud()
    for address in ("93.184.215.14", "2606:2800:21f::1"):
        for port in (443, 587):
            assert evaluator.allows(pod, address, port) == (pod in INTERNET)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "203.0.113.77",
        "::1",
        "::",
        "fd00::1",
        "fd00:ec2::254",
        "fe80::1",
        "ff02::1",
        "2001:db8:1::7",
    ],
)
@pytest.mark.parametrize("pod", INTERNET)
def test_what_the_internet_is_not(cloud, pod, address):
    evaluator = cloud(cluster=Cluster(api_server_cidrs=("203.0.113.77", "2001:db8:1::7/128")))
    assert not evaluator.allows(pod, address, 443)
    assert not evaluator.allows(pod, address, 6443)


def test_pods_do_not_reach_pods_by_way_of_the_internet(cloud):
    evaluator = cloud()
    for pod in INTERNET:
        assert not evaluator.allows(pod, STRANGER, 80)
        assert not evaluator.allows(pod, NEIGHBOUR, 80)


@pytest.mark.parametrize("component", [name for name, c in COMPONENTS.items() if c.optional])
def test_a_disabled_component_is_in_no_policy(make_inputs, component):
    policies = network.policies(make_inputs({"services": {component: {"enabled": False}}}))
    assert f"shop-{component}" not in {policy["metadata"]["name"] for policy in policies}
    assert f"'{component}'" not in str(policies)


def test_disabled_means_no_policy(make_inputs):
    assert network.policies(make_inputs({"network": {"policy": "Disabled"}})) == []


def test_form(make_inputs):
    policies = network.policies(make_inputs())
    assert [policy["metadata"]["name"] for policy in policies] == [
        "shop-default-deny",
        *(f"shop-{pod}" for pod in PODS),
    ]
    for policy in policies:
        assert policy["metadata"].keys() == {"name", "namespace"}
        spec = policy["spec"]
        assert spec["policyTypes"] == ["Ingress", "Egress"]
        assert spec["podSelector"]["matchLabels"][PROJECT] == "shop"
        for rule in (*spec.get("ingress", ()), *spec.get("egress", ())):
            for port in rule.get("ports", ()):
                assert port.keys() == {"port", "protocol"}
            for entry in (*rule.get("to", ()), *rule.get("from", ())):
                block = entry.get("ipBlock", {})
                cidr = ipaddress.ip_network(block.get("cidr", "0.0.0.0/0"))
                excluded = [ipaddress.ip_network(value) for value in block.get("except", ())]
                assert len(set(excluded)) == len(excluded)
                assert all(net.subnet_of(cidr) and net != cidr for net in excluded)
    deny = policies[0]["spec"]
    assert deny["podSelector"]["matchLabels"] == {PROJECT: "shop"}
    assert deny.keys() == {"podSelector", "policyTypes"}


ADDRESS = re.compile(r"\bshop-([a-z]+)\.projects\.svc(?::(\d+))?")


def _texts(body):
    """Every text of an object, what lies in base64 included."""
    if isinstance(body, dict):
        for key, value in body.items():
            if key in ("data", "binaryData"):
                for content in value.values():
                    yield base64.b64decode(content).decode()
            else:
                yield from _texts(value)
    elif isinstance(body, list):
        for value in body:
            yield from _texts(value)
    elif isinstance(body, str):
        yield body


def _rendered(inputs):
    """The edges that the rendered objects speak of: their variables and files."""
    found = set()
    for entry in render.render(inputs):
        if entry.body["kind"] in ("NetworkPolicy", "Service"):
            continue
        source = entry.body["metadata"]["labels"].get(COMPONENT)
        for text in _texts(entry.body):
            for target, port in ADDRESS.findall(text):
                # A host without a port has it in a variable of its own: PGPORT and the like.
                number = int(port) if port else next(iter(COMPONENTS[target].ports.values()))
                found.add((source, target, number))
    return found


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"http": {"host": "shop.example.com"}},
        {"services": {"analytics": {"enabled": False}, "imgproxy": {"enabled": False}}},
    ],
)
def test_what_is_rendered_is_the_table(make_inputs, spec):
    inputs = make_inputs(spec)
    table = {
        (edge.source, edge.target, COMPONENTS[edge.target].ports[edge.port])
        for edge in edges.TABLE
        if inputs.enabled(edge.source)
        and inputs.enabled(edge.target)
        and not (edge.in_cluster and "http" in spec)
    }
    assert _rendered(inputs) == table
