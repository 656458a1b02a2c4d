"""What a resource says, as rows are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from supamanager_api.projects import managers, resource, specchange
from supamanager_api.projects.recollection import Recollection
from supamanager_kube import labels, names
from supamanager_kube.client import Body

_CONDITION = {
    "type": "type",
    "status": "status",
    "reason": "reason",
    "message": "message",
    "lastTransitionTime": "last_transition_time",
}


@dataclass(frozen=True, kw_only=True)
class Observation:
    uid: str
    namespace: str
    name: str
    resource_version: str
    generation: int
    deleting: bool
    organization: str | None
    """The value of its label."""
    node_selector: dict[str, str]
    live: dict[str, Any]
    spec: dict[str, Any]
    """All of it, as the audit log may show it."""
    observed_generation: int
    conditions: list[dict[str, Any]]
    components: list[dict[str, Any]]
    endpoints: dict[str, Any]
    facts: dict[str, Any]
    summary: str | None
    managers: list[dict[str, Any]]
    """Who else than this product sets fields of it."""
    recollection: Recollection
    created_at: datetime

    @classmethod
    def of(cls, body: Body) -> Self:
        metadata, status = body["metadata"], body.get("status") or {}
        placement = (body.get("spec") or {}).get("placement") or {}
        return cls(
            uid=metadata["uid"],
            namespace=metadata["namespace"],
            name=metadata["name"],
            resource_version=metadata["resourceVersion"],
            generation=int(metadata.get("generation") or 0),
            deleting=bool(metadata.get("deletionTimestamp")),
            organization=(metadata.get("labels") or {}).get(labels.ORGANIZATION),
            node_selector=placement.get("nodeSelector") or {},
            live=resource.live(body),
            spec=specchange.shown(body.get("spec") or {}),
            observed_generation=int(status.get("observedGeneration", -1)),
            conditions=[_condition(each) for each in status.get("conditions") or ()],
            components=list(status.get("components") or ()),
            endpoints=status.get("endpoints") or {},
            facts=_facts(status),
            summary=status.get("summary"),
            managers=managers.others(metadata.get("managedFields") or ()),
            recollection=Recollection.of(body),
            created_at=datetime.fromisoformat(metadata["creationTimestamp"]),
        )

    @property
    def key(self) -> tuple[str, str]:
        return self.namespace, self.name

    @property
    def ref(self) -> str | None:
        """The name, where it has the form of a ref."""
        return self.name if names.REF.fullmatch(self.name) else None


def _condition(condition: dict[str, Any]) -> dict[str, Any]:
    return {column: condition.get(key) or "" for key, column in _CONDITION.items()}


def _facts(status: Body) -> dict[str, Any]:
    """What the operator reports of what the project runs on; what it does not know is left out."""
    versions = {each["name"]: each.get("version") or "" for each in status.get("components") or ()}
    found = {
        "postgres": status.get("postgresVersion"),
        "release": status.get("version"),
        "database": versions.get("database"),
        "volumes": {each["name"]: each["size"] for each in status.get("volumes") or ()},
    }
    return {name: value for name, value in found.items() if value}
