"""What an organization may use: told, and kept to by everything that makes projects larger."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import asyncpg
import httpx
import pytest

from teams import Person, Team, at_once

DEFAULT = {"projects": 3, "cpu": "2500m", "storage": "60Gi"}


@pytest.fixture
async def administered(api_process, database_url: str) -> tuple[Any, Person]:
    """A process with a default quota, and an administrator of the platform."""
    api = api_process(ORGANIZATION_QUOTA=json.dumps(DEFAULT), PLATFORM_ADMINS="root@example.test")
    root = Person(api, "root@example.test")
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE accounts SET email_confirmed_at = now()")
    await connection.close()
    return api, root


def ask(team: Team, **body: Any) -> httpx.Response:
    wish = {"name": "Mars", "organization_slug": team.slug, **body}
    return team.owner.client.post("/platform/projects", json=wish)


def used(team: Team, query: str = "") -> dict[str, tuple[float, float | None]]:
    answer = team.owner.must("GET", f"{team.slug}/usage{query}")
    assert answer["usages"] == []
    return {each["resource"]: (each["used"], each["limit"]) for each in answer["quotas"]}


def test_kept_to_and_told(administered: tuple[Any, Person]):
    api, root = administered
    team = Team.found(api)
    limits = f"{team.slug}/members/reached-free-project-limit"
    assert used(team)["projects"] == (0, 3)
    assert used(team)["memory"] == (0, None)
    first = team.project()
    assert used(team)["cpu"] == (1.15, 2.5)
    assert used(team)["storage"] == (20 * 2**30, 60 * 2**30)

    # Two fit, by their cores; a larger one does not.
    refused = ask(team, desired_instance_size="large")
    assert refused.status_code == 403
    assert "cpu: 4600m of 2500m" in refused.json()["message"]
    second = team.project()
    assert ask(team).status_code == 403
    assert used(team)["projects"] == (2, 3)
    assert used(team, f"?project_ref={second}")["projects"] == (1, 3)
    assert team.owner.ask("GET", f"{team.slug}/usage?project_ref={'a' * 20}").status_code == 404

    # What grows is counted, what shrinks is let through.
    addons = f"/platform/projects/{first}/billing/addons"
    grow = {"addon_type": "compute_instance", "addon_variant": "ci_medium"}
    assert team.owner.client.post(addons, json=grow).status_code == 403
    shrink = {**grow, "addon_variant": "ci_nano"}
    assert team.owner.client.post(addons, json=shrink).status_code == 201
    assert used(team)["cpu"] == (1.725, 2.5)
    assert team.owner.must("GET", limits) == []

    # Another quota for this organization, by administrators of the platform only.
    body = {"projects": 2, "cpu": None}
    assert team.owner.ask("PUT", f"{team.slug}/quotas", body).status_code == 403
    assert root.ask("PUT", "nobody-has-this/quotas", body).status_code == 404
    told = root.must("PUT", f"{team.slug}/quotas", body)
    assert told == team.owner.must("GET", f"{team.slug}/quotas")
    assert used(team)["cpu"] == (1.725, None)
    assert used(team)["storage"][1] == 60 * 2**30
    assert [each["free_project_limit"] for each in team.owner.must("GET", limits)] == [2]
    refused = ask(team)
    assert (refused.status_code, "projects: 3 of 2" in refused.json()["message"]) == (403, True)
    # Above its quota already: nothing grows, the rest goes on.
    root.must("PUT", f"{team.slug}/quotas", {"projects": 1})
    path = f"/platform/projects/{second}/pause"
    assert team.owner.client.post(path).status_code == 201
    other = Team.found(api)
    assert used(other)["projects"] == (0, 3)
    for wrong in ({"pods": 1}, {"cpu": "x"}, {"projects": -1}, {"projects": 1.5}, {"cpu": True}):
        assert root.ask("PUT", f"{team.slug}/quotas", wrong).status_code == 400, wrong


def test_of_many_at_once_as_many_as_fit(administered: tuple[Any, Person]):
    api, _ = administered
    team = Team.found(api)
    answers = at_once(*[partial(ask, team, desired_instance_size="nano")] * 6)
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [403] * 3
    assert used(team)["projects"] == (3, 3)


def test_the_plan_and_what_is_offered(api):
    team = Team.found(api)
    ref = team.project(name="Jupiter")
    plan = team.owner.must("GET", f"{team.slug}/billing/subscription")
    assert plan["plan"] == {"id": "free", "name": "Free"}
    assert plan["project_addons"] == [{"ref": ref, "name": "Jupiter", "addons": []}]
    assert plan["current_period_start"] < plan["current_period_end"]
    offered = {
        each["feature"]["key"]: each
        for each in team.owner.must("GET", f"{team.slug}/entitlements")["entitlements"]
    }
    pausing = offered["project_pausing"]
    assert pausing["hasAccess"] is True
    assert (pausing["type"], pausing["config"]) == ("boolean", {"enabled": True})
    assert offered["security.audit_logs_days"]["config"]["unit"] == "days"
    sizes = offered["instances.compute_update_available_sizes"]["config"]["set"]
    assert "ci_2xlarge" in sizes
    assert not {"ipv4", "pitr.available_variants", "project_cloning"} & set(offered)
    person = team.join("Read-only")
    assert person.must("GET", f"{team.slug}/billing/subscription")["plan"]["id"] == "free"


@pytest.mark.parametrize("text", ["[]", "{", '{"pods": 1}', '{"cpu": "many"}'])
def test_a_quota_that_cannot_be_meant_stops_the_start(api_process, text: str):
    process = api_process(wait=False, ORGANIZATION_QUOTA=text)
    assert process.wait_ended() != 0
    assert "ORGANIZATION_QUOTA" in process.logs
