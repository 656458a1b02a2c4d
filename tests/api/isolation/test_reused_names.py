"""A resource's name that another organization's project has by now: the old ref leads to nothing of
it, whether or not it was noticed yet that the old resource is gone."""

from __future__ import annotations

import base64
import uuid
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from isolation import PLATFORM, Line, Stage, World
from supamanager_api import settings
from supamanager_api.http.permissions import ROUTES, Member
from supamanager_api.permissions import Role
from supamanager_kube import kinds, labels
from supamanager_operator.credentials import jwt_keys

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "shop"
UID = str(uuid.uuid4())
SECRETS = {
    "keys": jwt_keys.complete(f"{NAME}-keys", {}),
    "database": {
        "host": "database-of-the-other",
        "port": "5432",
        "dbname": "postgres",
        "username": "postgres",
        "password": "password-of-the-other",
        "crypto-key": "key-of-the-other",
    },
    "internal": {"logflare-private-token": "token-of-the-other"},
}
TOLD = {value for data in SECRETS.values() for value in data.values() if len(value) > 8}
ASKED = "does not answer; the project is"
"""What is said once a service was asked: there are none here."""


@pytest.fixture(scope="module", autouse=True)
def existing(control_plane: ControlPlane, configuration: settings.Settings) -> None:
    """The Secrets of the project that has the name now."""
    for suffix, data in SECRETS.items():
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": f"{NAME}-{suffix}", "labels": {labels.PROJECT_UID: UID}},
            "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
        }
        path = kinds.SECRET.path(configuration.projects_namespace)
        control_plane.api.request("POST", path, body)


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def leaves_no_row(stage: Stage) -> AsyncIterator[None]:
    yield
    async with stage.context.database.acquire() as connection:
        await connection.execute("DELETE FROM project WHERE resource_name = $1", NAME)


@pytest_asyncio.fixture(loop_scope="module")
async def theirs(stage: Stage) -> World:
    stranger = await stage.person(stage.members[Role.OWNER])
    return await stage.world({Role.OWNER: stranger})


async def store(world: World, *, uid: str, removed: bool) -> None:
    async with world.stage.context.database.acquire() as connection:
        await connection.execute(
            "UPDATE project SET resource_name = $2, resource_uid = $3, "
            "removed_at = CASE WHEN $4 THEN now() END, status = $5 WHERE id = $1",
            world.values["project_id"],
            NAME,
            uid,
            removed,
            "REMOVED" if removed else "ACTIVE_HEALTHY",
        )


async def drop(world: World) -> None:
    async with world.stage.context.database.acquire() as connection:
        await connection.execute("DELETE FROM project WHERE id = $1", world.values["project_id"])


def of_projects(lines: list[Line]) -> list[Line]:
    return [line for line in lines if "ref" in line.places and line.who != PLATFORM]


async def asked(world: World, line: Line, values: dict[str, Any]) -> Any:
    owner = world.members[Role.OWNER]
    answer = await world.stage.ask(line.request(values), owner.token())
    text = answer.text.decode()
    assert not [value for value in TOLD if value in text], (line, text)
    assert ASKED not in text, (line, text)
    return answer


async def test_a_removed_project_leads_nowhere(
    lines: list[Line], stage: Stage, theirs: World, figure: Callable[[str], None]
):
    await store(theirs, uid=UID, removed=False)
    count = 0
    for line in of_projects(lines):
        ours = await stage.world(stage.members)
        values = await stage.furnish(ours, line)
        await store(ours, uid=str(uuid.uuid4()), removed=True)
        answer = await asked(ours, line, values)
        access = ROUTES[line.route]
        if isinstance(access, Member) and access.removed:
            assert answer.status == 200, (line, answer.text)
        elif "{ref}" in line.target or line.connected:
            assert answer.status == 404, (line, answer.text)
        count += 1
    body = (await asked_of_theirs(theirs)).json()
    assert body["jwt_secret"] == SECRETS["keys"]["jwt-secret"]
    figure(f"{count} requests")


async def asked_of_theirs(theirs: World) -> Any:
    line = Line("GET", "/platform/projects/{ref}/settings", "OADR", {}, None, 200)
    return await theirs.stage.ask(line.request(theirs.values), theirs.members[Role.OWNER].token())


async def test_what_is_not_noticed_to_be_gone_leads_nowhere(
    lines: list[Line], stage: Stage, figure: Callable[[str], None]
):
    count = 0
    for line in of_projects(lines):
        ours = await stage.world(stage.members)
        values = await stage.furnish(ours, line)
        await store(ours, uid=str(uuid.uuid4()), removed=False)
        await asked(ours, line, values)
        await drop(ours)
        count += 1
    figure(f"{count} requests")


async def test_what_was_never_made_leads_nowhere(stage: Stage):
    """A row whose resource is not there yet, under a name that another resource has."""
    ours = await stage.world(stage.members)
    async with stage.context.database.acquire() as connection:
        await connection.execute(
            "UPDATE project SET resource_name = $2 WHERE id = $1", ours.values["project_id"], NAME
        )
    for line in (
        Line("GET", "/platform/projects/{ref}/settings", "OADR", {}, None, None),
        Line("GET", "/v1/projects/{ref}/api-keys?reveal=true", "OADR", {}, None, None),
        Line("POST", "/platform/pg-meta/{ref}/query", "OADR", {}, '{"query": "SELECT 1"}', None),
    ):
        await asked(ours, line, ours.values)
