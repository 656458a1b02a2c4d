"""NetworkPolicies of a project: what is no edge of the table is denied.

They select the project's own pods by two labels that users cannot set, never all pods of the
namespace.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Final

from supamanager_kube import labels, names
from supamanager_kube.components import COMPONENTS
from supamanager_operator.render import edges, metadata, values
from supamanager_operator.render.inputs import Inputs

_NAMESPACE: Final = "kubernetes.io/metadata.name"
"""Set by the API server on every namespace."""

# RFC 6890's private, shared, loopback and link-local blocks, and what is no single host. IPv4
# addresses mapped into IPv6 never leave a host as such, and the API server refuses their block.
_NOT_INTERNET: Final = {
    4: (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
    ),
    6: ("::/127", "fc00::/7", "fe80::/10", "ff00::/8"),
}
_ALL: Final = {4: "0.0.0.0/0", 6: "::/0"}

# The cluster's DNS runs under other labels in every distribution, so any pod may be asked, and
# the address of the node's own cache where there is one.
_DNS: Final[dict[str, Any]] = {
    "to": [{"namespaceSelector": {}}, {"ipBlock": {"cidr": "169.254.20.10/32"}}],
    "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
}

_Rule = dict[str, Any]


def policies(inputs: Inputs) -> list[dict[str, Any]]:
    """Metadata holds the name and namespace only. Empty if `spec.network.policy` is Disabled."""
    if inputs.project.spec.network.policy == "Disabled":
        return []
    pods = [name for name in (*COMPONENTS, values.INIT) if inputs.enabled(name)]
    inside = [edge for edge in edges.TABLE if _holds(edge, inputs)]
    return [
        _policy(inputs, "default-deny", {labels.PROJECT: inputs.name}, ingress=[], egress=[]),
        *(
            _policy(
                inputs,
                component,
                metadata.selector(inputs, component),
                ingress=[
                    *(
                        {"from": [_peer(inputs, edge.source)], "ports": _port(edge)}
                        for edge in inside
                        if edge.target == component
                    ),
                    *_entries(inputs, component),
                ],
                egress=[
                    _DNS,
                    *(
                        {"to": [_peer(inputs, edge.target)], "ports": _port(edge)}
                        for edge in inside
                        if edge.source == component
                    ),
                    *(_internet(inputs) if component in edges.INTERNET else ()),
                ],
            )
            for component in pods
        ),
    ]


def _holds(edge: edges.Edge, inputs: Inputs) -> bool:
    ends = inputs.enabled(edge.source) and inputs.enabled(edge.target)
    return ends and not (edge.in_cluster and inputs.project.spec.http.host)


def _policy(
    inputs: Inputs,
    suffix: str,
    selected: dict[str, str],
    *,
    ingress: list[_Rule],
    egress: list[_Rule],
) -> dict[str, Any]:
    # The API server stores no empty list.
    rules = {name: value for name, value in (("ingress", ingress), ("egress", egress)) if value}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": names.child(inputs.name, suffix), "namespace": inputs.namespace},
        "spec": {
            "podSelector": {"matchLabels": selected},
            "policyTypes": ["Ingress", "Egress"],
            **rules,
        },
    }


def _entries(inputs: Inputs, component: str) -> list[_Rule]:
    rules = []
    for entry in edges.ENTRIES:
        if entry.target != component:
            continue
        sources = _outside(inputs, entry.source)
        if sources is None:
            rules.append({"ports": _port(entry)})
        elif sources:
            rules.append({"from": sources, "ports": _port(entry)})
    return rules


def _outside(inputs: Inputs, source: edges.Outside) -> list[dict[str, Any]] | None:
    """The peers; None for everybody, none at all for nobody."""
    match source:
        case edges.Outside.ANYONE:
            return None
        case edges.Outside.API:
            return [_namespace(inputs.cluster.api_namespace)]
        case edges.Outside.LOG_ROUTER:
            return [_namespace(inputs.cluster.log_router_namespace)]
        case edges.Outside.DATABASE_CLIENTS:
            allowed = inputs.project.spec.network.database_allowed_cidrs
            return [{"ipBlock": {"cidr": cidr}} for cidr in allowed]


def _internet(inputs: Inputs) -> list[_Rule]:
    excluded = {version: list(blocks) for version, blocks in _NOT_INTERNET.items()}
    for cidr in inputs.cluster.api_server_cidrs:
        network = ipaddress.ip_network(cidr, strict=False)
        excluded[network.version].append(str(network))
    return [
        {
            "to": [
                {"ipBlock": {"cidr": cidr, "except": list(dict.fromkeys(excluded[version]))}}
                for version, cidr in _ALL.items()
            ]
        }
    ]


def _peer(inputs: Inputs, component: str) -> dict[str, Any]:
    """Without a namespace selector: pods of the policy's own namespace."""
    return {"podSelector": {"matchLabels": metadata.selector(inputs, component)}}


def _namespace(name: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {_NAMESPACE: name}}}


def _port(edge: edges.Edge | edges.Entry) -> list[dict[str, Any]]:
    return [{"port": COMPONENTS[edge.target].ports[edge.port], "protocol": "TCP"}]
