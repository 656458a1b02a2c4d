"""Which project a host belongs to: the oldest that names it, with whatever port."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from supamanager_kube import labels, names
from supamanager_kube.conditions import Reason
from supamanager_kube.project import SupabaseProject
from supamanager_operator.errors import Stalled

ProjectKey = tuple[str, str]


@dataclass(frozen=True, order=True)
class _Claim:
    created: str
    uid: str
    key: ProjectKey
    host: str


class HostClaims:
    """Fed by the watch of the projects; `domain_base` belongs to refs alone."""

    def __init__(self, *, domain_base: str) -> None:
        self._suffix = f".{domain_base.lower()}" if domain_base else ""
        self._claims: dict[ProjectKey, _Claim] = {}

    def record(self, body: Mapping[str, Any]) -> set[ProjectKey]:
        """Remember the host; returns the other projects whose verdict may have changed."""
        metadata = body["metadata"]
        key = (metadata["namespace"], metadata["name"])
        host = names.host_name(((body.get("spec") or {}).get("http") or {}).get("host") or "")
        if host:
            claim = _Claim(metadata["creationTimestamp"], metadata["uid"], key, host)
            if self._claims.get(key) == claim:
                return set()
            affected = self.remove(key)
            self._claims[key] = claim
            return affected | (self._naming(host) - {key})
        return self.remove(key)

    def remove(self, key: ProjectKey) -> set[ProjectKey]:
        claim = self._claims.pop(key, None)
        return self._naming(claim.host) if claim else set()

    def check(self, project: SupabaseProject) -> None:
        """Raises Stalled when the project names a host that is not its own."""
        if project.spec.http.host is None:
            return
        host = names.host_name(project.spec.http.host)
        ref = project.metadata.labels.get(labels.REF)
        if self._suffix and host.endswith(self._suffix) and host != f"{ref}{self._suffix}":
            raise Stalled(
                Reason.HOST_CONFLICT,
                f"http.host {host}: a host below {self._suffix[1:]} belongs to the project whose"
                " ref is its first label",
            )
        claims = [claim for claim in self._claims.values() if claim.host == host]
        if claims and (oldest := min(claims)).key != project.key:
            raise Stalled(
                Reason.HOST_CONFLICT,
                f"http.host {host} belongs to the older project {'/'.join(oldest.key)}",
            )

    def _naming(self, host: str) -> set[ProjectKey]:
        return {claim.key for claim in self._claims.values() if claim.host == host}
