"""What a new project can be made of."""

from __future__ import annotations

import pytest

from asking import new_owner

GROUP = {"name": "Anywhere", "code": "any", "type": "smartGroup"}
MARS = {"code": "mars-1", "name": "Mars", "type": "specific", "provider": "AWS"}


@pytest.fixture(scope="module")
def owner(api):
    with new_owner(api) as made:
        yield made


@pytest.mark.parametrize("prefix", ["/platform", ""])
def test_regions(owner, prefix):
    query = {"organization_slug": owner.slug, "cloud_provider": "AWS"}
    answer = owner.client.get(f"{prefix}/projects/available-regions", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "recommendations": {"smartGroup": GROUP, "specific": [MARS]},
        "all": {"smartGroup": [GROUP], "specific": [MARS]},
    }
    # Each of them can be asked for as it is told, and is where the project says that it is.
    for told in (GROUP, MARS):
        made = owner.ask(region_selection={"type": told["type"], "code": told["code"]})
        assert made.status_code == 201, made.text
        assert made.json()["region"] == "mars-1"
    other = owner.ask(region_selection={"type": "smartGroup", "code": "apac"})
    assert other.status_code == 400
    assert "'apac'" in other.json()["message"]


def test_regions_are_asked_for_in_an_organization(api, owner):
    path = "/platform/projects/available-regions"
    assert owner.client.get(path).status_code == 400
    with new_owner(api) as other:
        query = {"organization_slug": owner.slug}
        assert other.client.get(path, params=query).status_code == 404


def test_versions(owner):
    path = f"/platform/organizations/{owner.slug}/available-versions"
    answer = owner.client.post(path, json={"provider": "AWS", "region": "Mars"})
    assert answer.status_code == 200, answer.text
    found = answer.json()["available_versions"]
    assert [each["version"] for each in found] == ["supabase-postgres-17", "supabase-postgres-15"]
    for each in found:
        made = owner.ask(
            postgres_engine=each["postgres_engine"], release_channel=each["release_channel"]
        )
        assert made.status_code == 201, made.text
    assert owner.client.post(path, json={"region": "Pluto"}).status_code == 400
