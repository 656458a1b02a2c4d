"""The API in front of stubs of a project's services."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gatewaystub
from place import Place, opened

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane
    from supamanager_dev.postgres import Postgres


@pytest.fixture(scope="session")
def services() -> Iterator[gatewaystub.Services]:
    with gatewaystub.running() as made:
        yield made


@pytest.fixture(scope="session")
def place(
    control_plane: ControlPlane,
    management_postgres: Postgres,
    environment_of: Callable[[str, Path], dict[str, str]],
    api_at: Callable[..., Any],
    services: gatewaystub.Services,
) -> Iterator[Place]:
    with opened(
        Place,
        control_plane=control_plane,
        postgres=management_postgres,
        environment_of=environment_of,
        api_at=api_at,
        service_url=services.url,
    ) as made:
        made.put_secret(made.ref, "keys", {"service-role-key": services.service_key})
        made.put_secret(made.ref, "internal", {"logflare-private-token": services.log_token})
        yield made


@pytest.fixture
def client(place):
    return place.owner.client
