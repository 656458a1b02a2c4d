"""Operator and API with one namespace of projects, and a member of an organization there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from operating import Cluster, await_that
from supamanager_dev import rbac
from supamanager_dev.plainhttp import NO_TLS
from supamanager_dev.product import Product
from supamanager_kube import kinds, labels

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane

_LOGIN = {"email": "owner@example.com", "password": "Correct-Horse-1"}


@dataclass(frozen=True)
class Project:
    """One project, as the member and as the cluster's administrator sees it."""

    client: httpx.Client
    cluster: Cluster
    name: str
    ref: str

    @property
    def spec(self) -> dict[str, Any]:
        return dict(self.cluster.project(self.name)["spec"])

    @property
    def detail(self) -> dict[str, Any]:
        return dict(self.client.get(f"/platform/projects/{self.ref}").json())

    @property
    def owners(self) -> dict[str, str]:
        """Who sets which field of the spec: managers by the fields' names."""
        found = self.cluster.control_plane.api.find(
            kinds.PROJECT.path(self.cluster.namespace, self.name)
        )
        assert found is not None
        return {
            entry["manager"]: str(sorted(entry["fieldsV1"].get("f:spec", {})))
            for entry in found["metadata"]["managedFields"]
            if not entry.get("subresource")
        }

    def rename(self, name: str) -> httpx.Response:
        return self.client.patch(f"/platform/projects/{self.ref}", json={"name": name})

    def expire(self, seconds: int) -> httpx.Response:
        """Set how long a token of the project's users is good for."""
        return self.client.patch(f"/platform/auth/{self.ref}/config", json={"JWT_EXP": seconds})

    def move(self, url: str) -> httpx.Response:
        """Set where the project's users come from."""
        return self.client.patch(f"/platform/auth/{self.ref}/config", json={"SITE_URL": url})

    def pause(self) -> httpx.Response:
        return self.client.post(f"/platform/projects/{self.ref}/pause")

    def restore(self) -> httpx.Response:
        return self.client.post(f"/platform/projects/{self.ref}/restore")

    def delete(self) -> httpx.Response:
        return self.client.delete(f"/platform/projects/{self.ref}")

    def await_word(self, word: str) -> None:
        await_that(
            lambda: self.client.get(f"/platform/projects/{self.ref}/status").json()["status"],
            lambda found: found == word,
            what=f"{self.name} to be {word}",
        )

    def await_shown(self, **fields: Any) -> None:
        """Until the project's page shows these."""
        await_that(
            lambda: self.detail,
            lambda detail: all(detail.get(key) == value for key, value in fields.items()),
            what=f"the page of {self.name} to show {fields}",
        )

    def await_field(self, *path: str, value: Any) -> None:
        """Until the field of the spec has this value."""

        def read() -> Any:
            found: Any = self.spec
            for key in path:
                found = found.get(key, {})
            return found

        await_that(read, lambda found: found == value, what=f"{'.'.join(path)} to be {value}")


@dataclass(frozen=True)
class Plane:
    client: httpx.Client
    cluster: Cluster
    slug: str

    def project(self, name: str) -> Project:
        """A resource that somebody made, once its organization has it."""

        def adopted() -> Any:
            found = self.cluster.find(kinds.PROJECT, name) or {"metadata": {}}
            ref = found["metadata"].get("labels", {}).get(labels.REF)
            listed = [each["ref"] for each in self.client.get("/platform/projects").json()]
            return ref if ref in listed else None

        ref = await_that(adopted, bool, what=f"{name} to be listed")
        return Project(self.client, self.cluster, name, ref)


@contextmanager
def running(control_plane: ControlPlane, namespace: str, database_url: str) -> Iterator[Plane]:
    """Both processes run under their own rights; the namespace must exist."""
    with Product(
        database_url=database_url,
        operator_config=rbac.bind(control_plane, rbac.OPERATOR, projects=[namespace]),
        api_config=rbac.bind(control_plane, rbac.API, projects=[namespace]),
        operator_settings={
            "SUPAMANAGER_NAMESPACES": namespace,
            "SUPAMANAGER_LEASE": f"{rbac.NAMESPACE}/{namespace}",
        },
        api_settings={"PROJECTS_NAMESPACE": namespace},
    ) as product:
        with httpx.Client(
            base_url=product.api_url, timeout=30, trust_env=False, verify=NO_TLS
        ) as client:
            assert client.post("/platform/signup", json=_LOGIN).status_code == 201
            token = client.post("/platform/auth/login", json=_LOGIN).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            made = client.post("/platform/organizations", json={"name": "Acme"})
            yield Plane(client, Cluster(control_plane, namespace), made.json()["slug"])
        product.check()
