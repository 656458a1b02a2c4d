"""The answers that never change."""

from __future__ import annotations

from typing import Any

import pytest

from supamanager_api import app
from supamanager_api.http.permissions import ROUTES, Open
from supamanager_api.http.platform import constants

MOST = 20


def test_they_are_few_and_each_has_a_reason():
    assert len(constants.CONSTANTS) <= MOST
    assert all(each.reason.endswith(".") for each in constants.CONSTANTS)


def test_none_of_them_is_forgotten_by_the_routers():
    mounted = {
        (method, entry.prefixes[0] + route.path)
        for entry in app.ROUTERS
        if entry.router in (constants.platform, constants.v1, constants.configcat)
        for route in entry.router.routes
        for method in route.methods
    }
    assert mounted == {(each.method, each.path) for each in constants.CONSTANTS}


@pytest.fixture(scope="module")
def organization(api) -> dict[str, Any]:
    account = api.new_account()
    with api.client(account.token) as client:
        made = client.post("/platform/organizations", json={"name": "Hers"}).json()
        body = {"name": "Mars", "organization_slug": made["slug"], "cloud_provider": "K8S"}
        project = client.post("/platform/projects", json=body)
    assert project.status_code == 201, project.text
    return {**made, "token": account.token, "ref": project.json()["ref"]}


def test_there_are_no_backups(api, organization):
    said = {"region": "mars-1", "pitr_enabled": False, "walg_enabled": False, "backups": []}
    with api.client(organization["token"]) as client:
        for path, name in (
            ("/platform/database/{}/backups", "physicalBackupData"),
            ("/database/{}/backups", "physicalBackupData"),
            ("/v1/projects/{}/database/backups", "physical_backup_data"),
        ):
            answer = client.get(path.format(organization["ref"]))
            assert (answer.status_code, answer.json()) == (200, {**said, name: {}})


@pytest.mark.parametrize("each", constants.CONSTANTS, ids=lambda each: each.path)
def test_it_is_answered_to_everybody_who_may_ask(api, organization, each: constants.Constant):
    public = ROUTES[each.method, each.path] is Open.PUBLIC
    with api.client(None if public else organization["token"]) as client:
        path = each.path.format(**{**organization, "name": "vercel", "event": "page"})
        answer = client.request(each.method, path)
    assert answer.status_code == each.status
    assert (answer.json() if answer.content else None) == each.body


@pytest.mark.parametrize(
    "path",
    [
        "/platform/projects/{ref}/disk",
        "/platform/projects/{ref}/disk/custom-config",
        "/platform/projects/{ref}/daily-stats",
        "/platform/projects/{ref}/run-lints",
        "/platform/organizations/{slug}/usage/daily",
    ],
)
def test_what_nobody_measures_is_not_told(api, organization, path: str):
    with api.client(organization["token"]) as client:
        answer = client.get(path.format(**organization))
    assert (answer.status_code, bool(answer.json()["message"])) == (404, True)
