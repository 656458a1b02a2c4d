"""Operator and API together: one truth over HTTP, in kubectl and in PostgreSQL."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx
import pytest

from operating import Cluster, await_that
from supamanager_dev import rbac
from supamanager_dev.plainhttp import NO_TLS
from supamanager_dev.product import REGION, Product
from supamanager_kube import kinds, labels
from supamanager_kube.components import COMPONENTS

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane

LOGIN = {"email": "owner@example.com", "password": "Correct-Horse-1"}
TYPED = "typed p@ss/word 1"


@pytest.fixture
def product(control_plane: ControlPlane, database_url: str) -> Iterator[Product]:
    control_plane.create_namespace(
        rbac.PROJECTS_NAMESPACE, labels=rbac.PROJECTS_LABELS, annotations=rbac.PROJECTS_ANNOTATIONS
    )
    with Product(
        database_url=database_url,
        operator_config=rbac.bind(control_plane, rbac.OPERATOR),
        api_config=rbac.bind(control_plane, rbac.API),
        api_settings={"PLATFORM_ADMINS": LOGIN["email"]},
    ) as running:
        yield running
    control_plane.remove_namespace(rbac.PROJECTS_NAMESPACE)


@pytest.fixture
def client(product: Product) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=product.api_url, timeout=30, trust_env=False, verify=NO_TLS
    ) as anonymous:
        assert anonymous.post("/platform/signup", json=LOGIN).status_code == 201
        token = anonymous.post("/platform/auth/login", json=LOGIN).json()["access_token"]
        anonymous.headers["Authorization"] = f"Bearer {token}"
        yield anonymous


def row(database_url: str, ref: str) -> tuple[str, dict[str, tuple[bool, str]]]:
    """The project's word and its conditions, as PostgreSQL has them."""

    async def read() -> tuple[str, dict[str, tuple[bool, str]]]:
        connection = await asyncpg.connect(database_url)
        try:
            project = await connection.fetchrow(
                "SELECT id, status FROM project WHERE project_ref = $1", ref
            )
            conditions = await connection.fetch(
                "SELECT type, status, reason FROM project_condition WHERE project_id = $1",
                project["id"],
            )
        finally:
            await connection.close()
        return project["status"], {c["type"]: (c["status"], c["reason"]) for c in conditions}

    return asyncio.run(read())


def confirm(database_url: str) -> None:
    """As an administrator of the database confirms everybody's address."""

    async def write() -> None:
        connection = await asyncpg.connect(database_url)
        try:
            await connection.execute("UPDATE accounts SET email_confirmed_at = now()")
        finally:
            await connection.close()

    asyncio.run(write())


def pods(cluster: Cluster) -> set[str]:
    """The uids of the services' pods; the init Job's is not one of them."""
    return {
        pod["metadata"]["uid"]
        for pod in cluster.get("pods")["items"]
        if pod["metadata"]["labels"][labels.PROJECT_COMPONENT] in COMPONENTS
    }


def secret(cluster: Cluster, name: str) -> dict[str, str]:
    data = cluster.get("secret", name)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def test_a_project_from_the_wish_to_its_end(
    control_plane: ControlPlane, database_url: str, product: Product, client: httpx.Client
) -> None:
    cluster = Cluster(control_plane, rbac.PROJECTS_NAMESPACE)
    slug = client.post("/platform/organizations", json={"name": "Acme"}).json()["slug"]
    wish = {
        "organization_slug": slug,
        "name": "Shop",
        "cloud_provider": "K8S",
        "db_region": REGION,
        "db_pass": TYPED,
    }
    created = client.post("/platform/projects", json=wish)
    assert created.status_code == 201
    ref = created.json()["ref"]
    assert created.json()["status"] == "COMING_UP"

    def word() -> Any:
        return client.get(f"/platform/projects/{ref}").json()["status"]

    assert client.get(f"/platform/projects/{ref}/settings").status_code == 200
    await_that(
        lambda: client.get(f"/platform/projects/{ref}/status").json(),
        lambda told: told["status"] == "ACTIVE_HEALTHY",
        what="the project to be active",
    )

    resource = cluster.project(ref)
    told = client.get(f"/platform/projects/{ref}/status").json()
    stored, conditions = row(database_url, ref)
    assert stored == told["status"] == "ACTIVE_HEALTHY"
    assert told["summary"] == resource["status"]["summary"] == "12/12"
    in_cluster = {c["type"]: (c["status"], c["reason"]) for c in resource["status"]["conditions"]}
    assert conditions == in_cluster
    assert {c["name"]: (c["status"], c["reason"]) for c in told["components"]} == {
        name: in_cluster[component.condition] for name, component in COMPONENTS.items()
    }
    assert resource["spec"]["displayName"] == "Shop"
    assert resource["metadata"]["labels"]["supamanager.io/organization"] == slug

    assert secret(cluster, f"{ref}-database")["password"] == TYPED
    keys = secret(cluster, f"{ref}-keys")
    settings = client.get(f"/platform/projects/{ref}/settings").json()
    shown = {key["name"]: key["api_key"] for key in settings["service_api_keys"]}
    assert shown["anon"] == keys["anon-key"]
    assert shown["service_role"] == keys["service-role-key"]
    everything = control_plane.kubectl(
        *("get", "sbp,events,pods,deployments,statefulsets,configmaps", "-o", "json"),
        *("-n", rbac.PROJECTS_NAMESPACE),
    )
    logs = product.log_tail("operator") + product.log_tail("api")
    for value in (TYPED, keys["jwt-secret"], keys["service-role-key"]):
        assert value not in json.dumps(everything) + logs

    assert client.post(f"/platform/projects/{ref}/pause").status_code == 201
    assert word() == "PAUSING"
    await_that(word, lambda found: found == "INACTIVE", what="the project to be paused")
    assert cluster.get("pods")["items"] == []
    assert client.post(f"/platform/projects/{ref}/restore").status_code in (200, 201)
    assert word() == "RESTORING"
    await_that(word, lambda found: found == "ACTIVE_HEALTHY", what="the project to be back")

    for path, body, changing in (
        ("restart", {}, "RESTARTING"),
        (
            "billing/addons",
            {"addon_type": "compute_instance", "addon_variant": "ci_micro"},
            "RESIZING",
        ),
    ):
        before, seen = pods(cluster), set()
        assert client.post(f"/platform/projects/{ref}/{path}", json=body).status_code == 201
        assert word() == changing

        def change() -> Any:
            seen.add(word())  # noqa: B023
            return seen  # noqa: B023

        await_that(change, lambda words: "ACTIVE_HEALTHY" in words, what=f"{path} to end")
        assert seen <= {changing, "ACTIVE_HEALTHY"}
        assert len(pods(cluster)) == len(COMPONENTS)
        assert not pods(cluster) & before

    assert client.delete(f"/platform/projects/{ref}").status_code == 200
    await_that(
        lambda: client.get("/platform/projects").json(),
        lambda projects: projects == [],
        what="the project to be gone from the list",
    )
    assert cluster.find(kinds.PROJECT, ref) is None
    assert secret(cluster, f"{ref}-database")["password"] == TYPED

    confirm(database_url)
    assert client.get("/platform/retained-projects").json()["projects"][0]["ref"] == ref
    answer = client.post(f"/platform/retained-projects/{ref}/restore")
    assert answer.status_code == 201, answer.text
    await_that(word, lambda found: found == "ACTIVE_HEALTHY", what="the project to be restored")
    assert secret(cluster, f"{ref}-database")["password"] == TYPED
    assert secret(cluster, f"{ref}-keys") == keys
    assert cluster.project(ref)["metadata"]["uid"] != resource["metadata"]["uid"]
