"""The product and a browser, for pages that talk to it from another origin."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pageserver
from supamanager_dev import chromium, npm, ports, rbac
from supamanager_dev.chromium import Chromium
from supamanager_dev.product import Product
from supamanager_dev.progress import wait_until

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane
    from supamanager_dev.postgres import Postgres

HERE = Path(__file__).parent
DATABASE = "studio"

REGIONS = {"eu-west-1": {"name": "West EU (Ireland)"}, "mars-1": {"name": "MARS"}}
"""A region with the name that Studio's list of 2026 has, and one of the patched list of 2024."""


@pytest.fixture(scope="module")
def studio_origin(announce: Callable[[str], None]) -> Iterator[str]:
    files = npm.ensure(
        "studio-replay", HERE, ["node_modules/@supabase/auth-js/package.json"], progress=announce
    )
    with pageserver.serve(HERE / "page", files, port=ports.free(1)[0]) as origin:
        yield origin


@pytest.fixture(scope="module")
def product(
    control_plane: ControlPlane, management_postgres: Postgres, studio_origin: str
) -> Iterator[Product]:
    namespace = f"/api/v1/namespaces/{rbac.PROJECTS_NAMESPACE}"
    wait_until(
        lambda: not control_plane.api.exists(namespace),
        "the namespace of an earlier test to be gone",
        timeout=120,
    )
    control_plane.create_namespace(
        rbac.PROJECTS_NAMESPACE, labels=rbac.PROJECTS_LABELS, annotations=rbac.PROJECTS_ANNOTATIONS
    )
    with Product(
        database_url=management_postgres.create_database(DATABASE),
        operator_config=rbac.bind(control_plane, rbac.OPERATOR),
        api_config=rbac.bind(control_plane, rbac.API),
        api_settings={"DOMAIN_STUDIO_URL": studio_origin, "REGIONS": json.dumps(REGIONS)},
    ) as running:
        yield running
    control_plane.kubectl("delete", "namespace", rbac.PROJECTS_NAMESPACE, "--wait=false")
    management_postgres.drop_database(DATABASE)


@pytest.fixture(scope="module")
def browser_url(announce: Callable[[str], None]) -> Iterator[str]:
    chromium.ensure(announce)
    with Chromium() as running:
        yield running.url
