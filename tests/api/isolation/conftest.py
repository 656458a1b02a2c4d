"""The application in this process, on a real PostgreSQL and a real cluster where nothing runs."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from isolation import Line, Stage, read
from supamanager_api import app, settings
from supamanager_api.permissions import Role

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane
    from supamanager_dev.postgres import Postgres


@pytest.fixture(scope="session")
def lines() -> list[Line]:
    return read(Path(__file__).with_name("routes.txt"))


@pytest.fixture(scope="module")
def configuration(
    management_postgres: Postgres,
    control_plane: ControlPlane,
    environment_of: Callable[[str, Path], dict[str, str]],
) -> Iterator[settings.Settings]:
    from supamanager_dev import rbac

    name = f"isolation-{secrets.token_hex(4)}"
    metadata = {
        "name": name,
        "labels": rbac.PROJECTS_LABELS,
        "annotations": rbac.PROJECTS_ANNOTATIONS,
    }
    control_plane.api.request("POST", "/api/v1/namespaces", {"metadata": metadata})
    kubeconfig = rbac.bind(control_plane, rbac.API, projects=[name])
    environment = {
        **environment_of(management_postgres.create_database(name), kubeconfig),
        "PROJECTS_NAMESPACE": name,
        "SERVICE_URL_TEMPLATE": "http://127.0.0.1:9",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(kubeconfig))
        # Nothing changes behind the requests.
        patch.setattr(app, "TASKS", ())
        yield settings.read(environment)
    management_postgres.drop_database(name)
    control_plane.remove_namespace(name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(configuration: settings.Settings) -> AsyncIterator[Stage]:
    application = app.create_app(configuration)
    async with application.router.lifespan_context(application):
        stage = Stage(application, secret=configuration.jwt_secret.get_secret_value())
        someone = await stage.sign_up()
        stage.members = {role: await stage.person(someone) for role in Role}
        yield stage
