"""An API process on the real cluster, with an organization and one project whose services are
where the test says. No operator runs: the tests make the Secrets that it would have made."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from asking import Cluster, Owner, bound, new_owner
from management import Management

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane
    from supamanager_dev.postgres import Postgres


@dataclass
class Place:
    api: Any
    owner: Owner
    ref: str
    cluster: Cluster
    management: Management

    def member(self, role: str) -> httpx.Client:
        """A new member of the organization."""
        account = self.api.new_account()
        self.management.add_member(account.email, self.owner.organization["id"], role=role)
        return self.api.client(account.token)

    def put_secret(self, ref: str, suffix: str, data: dict[str, str]) -> None:
        self.cluster.put_secret(ref, suffix, data, uid=bound(self.management.rows, ref))


@contextmanager
def opened(
    kind: type[Any],
    *,
    control_plane: ControlPlane,
    postgres: Postgres,
    environment_of: Callable[[str, Path], dict[str, str]],
    api_at: Callable[..., Any],
    service_url: str,
) -> Iterator[Any]:
    """A `kind` of Place in a namespace and a management database of its own."""
    from supamanager_dev import rbac

    name = f"place-{secrets.token_hex(4)}"
    metadata = {
        "name": name,
        "labels": rbac.PROJECTS_LABELS,
        "annotations": rbac.PROJECTS_ANNOTATIONS,
    }
    control_plane.api.request("POST", "/api/v1/namespaces", {"metadata": metadata})
    kubeconfig = rbac.bind(control_plane, rbac.API, projects=[name])
    environment = {
        **environment_of(postgres.create_database(name), kubeconfig),
        "PROJECTS_NAMESPACE": name,
        "SERVICE_URL_TEMPLATE": service_url,
    }
    with ExitStack() as stack:
        api = stack.enter_context(api_at(environment))
        owner = stack.enter_context(new_owner(api))
        cluster = Cluster(control_plane, name)
        yield kind(api, owner, owner.create(), cluster, Management(postgres, name))
    control_plane.remove_namespace(name)
    postgres.drop_database(name)
