"""The product and a browser, for pages that talk to it from another origin."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pageserver
import postgresmeta
from inbox import Inbox
from operating import Cluster
from projectpods import ProjectPods
from projectsql import like_the_image
from supamanager_dev import chromium, npm, ports, projectdb, rbac
from supamanager_dev.chromium import Chromium
from supamanager_dev.product import Product

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
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    control_plane.create_namespace(
        rbac.PROJECTS_NAMESPACE, labels=rbac.PROJECTS_LABELS, annotations=rbac.PROJECTS_ANNOTATIONS
    )
    yield rbac.PROJECTS_NAMESPACE
    control_plane.remove_namespace(rbac.PROJECTS_NAMESPACE)


@pytest.fixture(scope="module")
def pods(
    control_plane: ControlPlane, namespace: str, announce: Callable[[str], None]
) -> Iterator[ProjectPods]:
    """The programs of whichever project was made last."""
    projectdb.ensure(announce)
    postgresmeta.ensure(announce)
    with ExitStack() as stack:
        server = stack.enter_context(projectdb.ProjectPostgres(17))
        made = ProjectPods(Cluster(control_plane, namespace), like_the_image(server))
        yield stack.enter_context(made)


@pytest.fixture(scope="module")
def inbox() -> Iterator[Inbox]:
    with Inbox() as running:
        yield running


@pytest.fixture(scope="module")
def product(
    control_plane: ControlPlane,
    management_postgres: Postgres,
    studio_origin: str,
    pods: ProjectPods,
    inbox: Inbox,
) -> Iterator[Product]:
    settings = {
        **inbox.environment,
        "DOMAIN_STUDIO_URL": studio_origin,
        "REGIONS": json.dumps(REGIONS),
        "SERVICE_URL_TEMPLATE": pods.service_url_template,
    }
    with Product(
        database_url=management_postgres.create_database(DATABASE),
        operator_config=rbac.bind(control_plane, rbac.OPERATOR),
        api_config=rbac.bind(control_plane, rbac.API),
        api_settings=settings,
    ) as running:
        yield running
    management_postgres.drop_database(DATABASE)


@pytest.fixture(scope="module")
def browser_url(announce: Callable[[str], None]) -> Iterator[str]:
    chromium.ensure(announce)
    with Chromium() as running:
        yield running.url
