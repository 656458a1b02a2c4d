"""`docs/service-communication.md`: who opens a connection to whom, at which port and why.

The edges are the operator's own table, which its NetworkPolicies are made of; where a service has
the address from is read from the rendered objects. The platform's own are those of the plain
manifests.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

import yaml

from supamanager_dev import charts, generated, samples
from supamanager_dev.errors import DevError
from supamanager_dev.generated import Block
from supamanager_kube import kinds, labels, names
from supamanager_kube.components import COMPONENTS
from supamanager_operator import render
from supamanager_operator.render import edges, releases, values

_PROTOCOLS: Final = {"http": "HTTP", "postgres": "PostgreSQL", "logs": "HTTP, JSON"}
"""What is spoken at a port, by the port's name."""

Body = dict[str, Any]


class EdgeUnused(DevError):
    """Names an edge whose source is told no address of the target."""


def inside() -> str:
    inputs = samples.inputs("empty", releases.latest())
    told = _addresses(inputs.name, [entry.body for entry in render.render(inputs)])
    rows = []
    for edge in edges.TABLE:
        sources = sorted(told.get((edge.source, edge.target), ()))
        if not sources:
            raise EdgeUnused(f"{edge.source} is told no address of {edge.target}")
        why = f"{edge.why}; not with `spec.http.host`" if edge.in_cluster else edge.why
        source = "init Job" if edge.source == values.INIT else edge.source
        rows.append((source, edge.target, *_port(edge), why, ", ".join(sources)))
    return _table(("From", "To", "Port", "Protocol", "For", "Address from"), rows)


def entries() -> str:
    rows = (
        (_outside(entry.source), entry.target, *_port(entry), entry.why) for entry in edges.ENTRIES
    )
    return _table(("From", "To", "Port", "Protocol", "For"), rows)


def internet() -> str:
    """Who may call the world."""
    return ", ".join(f"`{component}`" for component in edges.INTERNET)


def platform() -> str:
    """The NetworkPolicies of the charts' default values, in words."""
    text = (charts.ROOT / "deploy" / "supamanager.yaml").read_text(encoding="utf-8")
    rows = []
    for body in yaml.load_all(text, Loader=yaml.CSafeLoader):
        if body["kind"] != kinds.NETWORK_POLICY.name:
            continue
        spec = body["spec"]
        ways = [("in", "Ingress", "from"), ("out", "Egress", "to")]
        for way, type_, peer in ways:
            if type_ not in spec["policyTypes"]:
                rows.append((body["metadata"]["name"], way, "anyone", "any"))
                continue
            for rule in spec.get(type_.lower()) or [None]:
                who = "nobody" if rule is None else _peers(rule.get(peer))
                rows.append((body["metadata"]["name"], way, who, _rule_ports(rule)))
    return _table(("Pods of", "", "Whom", "Ports"), rows)


def _addresses(project: str, bodies: list[Body]) -> dict[tuple[str, str], set[str]]:
    """Source and target → the variables and files of the source that name the target."""
    files = {
        (body["kind"], body["metadata"]["name"]): _contents(body)
        for body in bodies
        if body["kind"] in (kinds.CONFIG_MAP.name, kinds.SECRET.name)
    }
    found: dict[tuple[str, str], set[str]] = {}
    for body in bodies:
        if kinds.of(body) not in (*kinds.WORKLOADS, kinds.JOB):
            continue
        template = body["spec"]["template"]
        source = template["metadata"]["labels"][labels.PROJECT_COMPONENT]
        for name, text in _texts(template["spec"], files):
            for target in COMPONENTS:
                if f"{names.child(project, target)}." in text:
                    found.setdefault((source, target), set()).add(f"`{name}`")
    return found


def _texts(pod: Body, files: dict[tuple[str, str], dict[str, str]]) -> Iterator[tuple[str, str]]:
    """Names and values of a pod's variables and of the files that are mounted into it."""
    for container in pod["containers"]:
        for variable in container.get("env", ()):
            yield variable["name"], variable.get("value", "")
    for volume in pod.get("volumes", ()):
        match volume:
            case {"configMap": {"name": name}}:
                yield from files.get((kinds.CONFIG_MAP.name, name), {}).items()
            case {"secret": {"secretName": name}}:
                yield from files.get((kinds.SECRET.name, name), {}).items()


def _contents(body: Body) -> dict[str, str]:
    encoded = body.get("binaryData") or (
        body.get("data") if body["kind"] == kinds.SECRET.name else None
    )
    return {name: base64.b64decode(text).decode() for name, text in (encoded or {}).items()}


def _port(edge: edges.Edge | edges.Entry) -> tuple[str, str]:
    return str(COMPONENTS[edge.target].ports[edge.port]), _PROTOCOLS[edge.port]


def _outside(source: edges.Outside) -> str:
    return f"`{source.value}`" if source is edges.Outside.DATABASE_CLIENTS else source.value


def _peers(peers: list[Body] | None) -> str:
    if not peers:
        return "anyone"
    return ", ".join(_peer(each) for each in peers)


def _peer(peer: Body) -> str:
    """Pods by their component, of the platform or of projects."""
    selected = peer["podSelector"]["matchLabels"]
    if labels.PROJECT_COMPONENT in selected:
        return f"{selected[labels.PROJECT_COMPONENT]} of any project"
    return f"pods of {selected[labels.COMPONENT]}"


def _rule_ports(rule: Body | None) -> str:
    if rule is None:
        return ""
    ports = (f"{port['port']}/{port['protocol']}" for port in rule.get("ports", ()))
    return ", ".join(ports) or "any"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines)


BLOCKS: Final = (
    Block("service-communication.md", "inside", inside),
    Block("service-communication.md", "entries", entries),
    Block("service-communication.md", "internet", internet),
    Block("service-communication.md", "platform", platform),
)

if __name__ == "__main__":
    sys.exit(generated.main("edges_table", BLOCKS))
