"""Values that the chart is rendered with, and what Helm makes of them."""

from __future__ import annotations

import json
from typing import Any

import yaml

from supamanager_dev import charts
from supamanager_dev.helm import Helm

NAMESPACE = "supamanager"

_HTTPS = {"studioURL": "https://studio.example.com", "apiURL": "https://api.example.com"}

MATRIX: dict[str, dict[str, Any]] = {
    "default": {},
    "everything": {
        **_HTTPS,
        "domain": "projects.example.com",
        "projectsNamespace": {
            "labels": {"example.com/a": "b", "pod-security.kubernetes.io/warn": "baseline"}
        },
        "watch": {"namespaces": ["team-a", "team-b"]},
        "operator": {
            "replicas": 3,
            "settings": {"SUPAMANAGER_RATE": "100", "SUPAMANAGER_LOG_LEVEL": "DEBUG"},
            "podAnnotations": {"example.com/a": "b"},
            "nodeSelector": {"disk": "fast"},
            "tolerations": [{"key": "a", "operator": "Exists"}],
            "priorityClassName": "system-cluster-critical",
        },
        "api": {
            "image": {"repository": "registry.example.com/api", "digest": f"sha256:{'a' * 64}"},
            "autoscaling": {"enabled": True},
            "settings": {"ALLOW_SIGNUP": True, "REGIONS": '{"a": {"name": "A \\"quoted\\""}}'},
            "settingsFrom": {"SMTP_PASS": {"name": "mail", "key": "password"}},
            "service": {"type": "LoadBalancer", "annotations": {"example.com/lb": "x"}},
        },
        "database": {"managed": {"storage": {"size": "20Gi", "className": "fast"}}},
        "logs": {
            "namespace": {"labels": {"example.com/a": "b"}},
            "agent": {
                "dataPath": "/data/agent",
                "nodeSelector": {"disk": "fast"},
                "priorityClassName": "high",
            },
            "router": {"replicas": 3, "nodeSelector": {"disk": "fast"}},
        },
        "studio": {"image": {"repository": "registry.example.com/studio", "tag": "1"}},
        "imagePullSecrets": [{"name": "registry"}],
        "ingress": {
            "enabled": True,
            "className": "nginx",
            "annotations": {
                "example.com/timeout": "60",
                "cert-manager.io/cluster-issuer": "another",
            },
            "tls": {"secretName": "certificate", "issuer": {"name": "letsencrypt"}},
        },
        "monitoring": {"dashboard": {"enabled": True}},
    },
    "cluster-wide": {
        "watch": {"clusterWide": True},
        "networkPolicy": {"enabled": False},
        "logs": {"namespace": {"name": "node-logs", "create": False}},
    },
    "secrets of one's own": {
        "secret": {"name": "own", "create": False},
        "database": {"type": "external", "external": {"secret": {"name": "rds"}}},
        "projectsNamespace": {"create": False, "name": "tenants"},
        "logs": {"enabled": False},
    },
    "other controllers": {
        **_HTTPS,
        "database": {"type": "cloudNativePG"},
        "route": {"enabled": True, "parentRefs": [{"name": "public", "namespace": "gateways"}]},
        "studio": {"image": {"repository": "studio"}},
        "monitoring": {
            "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
            "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
            "dashboard": {"enabled": True, "labels": {"folder": "supabase"}},
        },
    },
}

FOREIGN = {
    "Cluster": "postgresql.cnpg.io/v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "PrometheusRule": "monitoring.coreos.com/v1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
}
"""Kinds of controllers that a cluster may have."""


class _EachKeyOnce(yaml.SafeLoader):
    """Refuses a mapping with a key twice, as kustomize and Flux do; PyYAML takes the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for twice in {key for key in keys if keys.count(key) > 1}:
            raise yaml.constructor.ConstructorError(
                None, None, f"{twice} is there twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def documents(text: str) -> list[dict[str, Any]]:
    """Of what Helm printed, all but the empty ones.

    Raises:
        ConstructorError: a key is there twice.
    """
    return [each for each in yaml.load_all(text, Loader=_EachKeyOnce) if each]


def render(helm: Helm, values: dict[str, Any], *, tests: bool = False) -> list[dict[str, Any]]:
    """The objects of the main chart; `tests` are the pods that `helm test` starts."""
    text = helm.run(
        *("template", "supamanager", str(charts.MAIN), "--namespace", NAMESPACE),
        *(() if tests else ("--skip-tests",)),
        *("--values", "-"),
        stdin=json.dumps(values),
    )
    return documents(text)


def pods(documents: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The spec of each pod, by kind and name of what makes it."""
    found = {}
    for document in documents:
        name = f"{document['kind']}/{document['metadata']['name']}"
        if document["kind"] == "Pod":
            found[name] = document["spec"]
        elif "template" in document.get("spec", {}):
            found[name] = document["spec"]["template"]["spec"]
    return found
