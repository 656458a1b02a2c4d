"""What the product's processes may do: ServiceAccounts bound to exactly the chart's rule lists.

A rule list is a YAML mapping with `clusterRole` (rules that hold in the whole cluster), `ownRole`
(in the namespace that the process runs in) and `projectsRole` (in each namespace of projects).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from supamanager_dev.cluster import Cluster
from supamanager_dev.errors import DevError
from supamanager_kube import labels

NAMESPACE: Final = "supamanager"
"""Where operator and API run."""
PROJECTS_NAMESPACE: Final = "supamanager-projects"
OPERATOR: Final = "supamanager-operator"
API: Final = "supamanager-api"

FILES: Final = Path(__file__).parents[2] / "charts" / "supamanager" / "files"
RULES: Final = {OPERATOR: FILES / "rbac-operator.yaml", API: FILES / "rbac-api.yaml"}

_SCOPES: Final = {"clusterRole", "ownRole", "projectsRole"}
_GROUP: Final = "rbac.authorization.k8s.io"

PROJECTS_LABELS: Final = {
    "pod-security.kubernetes.io/enforce": "baseline",
    "pod-security.kubernetes.io/warn": "restricted",
}
PROJECTS_ANNOTATIONS: Final = {labels.ORGANIZATIONS: "*"}
"""As the chart makes the namespace of projects."""


def bind(
    cluster: Cluster,
    account: str,
    *,
    projects: Iterable[str] = (PROJECTS_NAMESPACE,),
    cluster_wide: bool = False,
) -> Path:
    """Bind OPERATOR or API to its rule list; returns a kubeconfig that speaks as it.

    May be called again with further namespaces of projects, which must exist. `cluster_wide` is
    the chart's `watch.clusterWide`: the rules for projects hold in every namespace.
    """
    home: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": NAMESPACE},
    }
    identity: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": account, "namespace": NAMESPACE},
    }
    rules = load(RULES[account])
    everywhere = rules["clusterRole"] + (rules["projectsRole"] if cluster_wide else [])
    documents = [home, identity, *_role(account, everywhere, namespace=None)]
    documents += _role(account, rules["ownRole"], namespace=NAMESPACE)
    for namespace in () if cluster_wide else projects:
        documents += _role(account, rules["projectsRole"], namespace=namespace)
    cluster.apply(documents)
    return cluster.kubeconfig_for(NAMESPACE, account)


def load(path: Path) -> dict[str, list[dict[str, Any]]]:
    document = yaml.safe_load(path.read_text())
    if not isinstance(document, Mapping) or set(document) != _SCOPES:
        raise DevError(f"{path}: expected a mapping with the keys {', '.join(sorted(_SCOPES))}")
    return {key: list(rules or []) for key, rules in document.items()}


def _role(
    account: str, rules: list[dict[str, Any]], *, namespace: str | None
) -> list[dict[str, Any]]:
    kind = "ClusterRole" if namespace is None else "Role"
    metadata = {"name": account} | ({} if namespace is None else {"namespace": namespace})
    return [
        {"apiVersion": f"{_GROUP}/v1", "kind": kind, "metadata": metadata, "rules": rules},
        {
            "apiVersion": f"{_GROUP}/v1",
            "kind": f"{kind}Binding",
            "metadata": metadata,
            "roleRef": {"apiGroup": _GROUP, "kind": kind, "name": account},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}],
        },
    ]
