"""The Kubernetes kinds that the product reads or writes, and where the API serves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from supamanager_kube import labels


@dataclass(frozen=True)
class Kind:
    name: str
    api_version: str
    plural: str
    namespaced: bool = True

    @property
    def group(self) -> str:
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        return self.api_version.rpartition("/")[2]

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """The URL path of one object, of a namespace's collection or of the cluster's."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.api_version}"
        scope = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{scope}/{self.plural}" + (f"/{name}" if name else "")


PROJECT: Final = Kind(labels.KIND, labels.API_VERSION, labels.PLURAL)
NAMESPACE: Final = Kind("Namespace", "v1", "namespaces", namespaced=False)
SECRET: Final = Kind("Secret", "v1", "secrets")
POD: Final = Kind("Pod", "v1", "pods")
EVENT: Final = Kind("Event", "v1", "events")
LEASE: Final = Kind("Lease", "coordination.k8s.io/v1", "leases")

CONFIG_MAP: Final = Kind("ConfigMap", "v1", "configmaps")
SERVICE_ACCOUNT: Final = Kind("ServiceAccount", "v1", "serviceaccounts")
SERVICE: Final = Kind("Service", "v1", "services")
VOLUME_CLAIM: Final = Kind("PersistentVolumeClaim", "v1", "persistentvolumeclaims")
DEPLOYMENT: Final = Kind("Deployment", "apps/v1", "deployments")
STATEFUL_SET: Final = Kind("StatefulSet", "apps/v1", "statefulsets")
JOB: Final = Kind("Job", "batch/v1", "jobs")
NETWORK_POLICY: Final = Kind("NetworkPolicy", "networking.k8s.io/v1", "networkpolicies")

MANAGED: Final = (
    CONFIG_MAP,
    SERVICE_ACCOUNT,
    SERVICE,
    VOLUME_CLAIM,
    DEPLOYMENT,
    STATEFUL_SET,
    JOB,
    NETWORK_POLICY,
)
"""Every kind, Secrets apart, that any release ever rendered: only ever added to."""

WORKLOADS: Final = (DEPLOYMENT, STATEFUL_SET, JOB)

_BY_NAME: Final = {(kind.api_version, kind.name): kind for kind in (*MANAGED, SECRET, POD, PROJECT)}


def of(body: dict[str, Any]) -> Kind:
    """The kind of a raw object.

    Raises:
        KeyError: the object's kind is not in the tables above.
    """
    return _BY_NAME[body["apiVersion"], body["kind"]]
