from __future__ import annotations

import pytest
from pydantic import ValidationError

from supamanager_api import errors
from supamanager_api.http.platform.project_bodies import CreateProject
from supamanager_api.organizations.model import MembershipRow
from supamanager_api.permissions import Role
from supamanager_api.projects import regions

PLACES = regions.parse('{"mars-1": {"name": "Mars"}, "eu-1": {"name": "Europe"}}')
HOME = MembershipRow(7, "acme", "Acme", Role.OWNER)


def wish(**body):
    return CreateProject.model_validate({"name": "x", **body}).wish(HOME, PLACES)


def test_todays_studio():
    found = wish(
        organization_slug="acme", cloud_provider="AWS", db_pass="Sample-1", db_region="Europe",
        data_api_use_api_schema=False, high_availability=False, postgres_engine="17",
        release_channel="ga", desired_instance_size="micro", auth_site_url="https://a.test",
        data_api_exposed_schemas=["public", "api"],
    )  # fmt: skip
    assert found.region.code == "eu-1"
    assert found.database_password == "Sample-1"
    assert (found.organization_id, found.organization_slug) == (7, "acme")
    assert found.spec == {
        "size": "micro",
        "database": {"managed": {"postgresVersion": 17}},
        "auth": {"siteURL": "https://a.test"},
        "rest": {"schemas": ["public", "api"]},
    }


def test_a_region_that_was_chosen_by_code():
    assert wish(region_selection={"type": "specific", "code": "eu-1"}).region.code == "eu-1"
    assert wish(region_selection={"type": "smartGroup", "code": "any"}).region.code == "mars-1"
    with pytest.raises(errors.Invalid, match="'eu-1'"):
        wish(region_selection={"type": "smartGroup", "code": "eu-1"})
    assert wish().region.code == "mars-1"
    with pytest.raises(errors.Invalid, match=r"'pluto'; there are mars-1 \(Mars\), eu-1"):
        wish(region="pluto")


def test_the_data_api_can_be_off():
    assert wish(data_api_exposed_schemas=[]).spec == {"services": {"rest": {"enabled": False}}}


def test_the_password_is_not_shown():
    body = CreateProject.model_validate({"name": "x", "db_pass": "Sample-1"})
    assert "Sample-1" not in repr(body)
    with pytest.raises(ValidationError) as raised:
        CreateProject.model_validate({"name": "x", "db_pass": "Sample\x00"})
    assert "Sample" not in str(raised.value)
    assert wish(db_pass="").database_password is None


@pytest.mark.parametrize("password", ["it's", "back\\slash", "two$$dollars", "x" * 257])
def test_a_password_that_no_server_starts_with_is_refused(password):
    with pytest.raises(ValidationError, match=r"no ', no \\ and no \$\$"):
        CreateProject.model_validate({"name": "x", "db_pass": password})
    assert wish(db_pass='one$ "dollar"').database_password == 'one$ "dollar"'


def test_the_2024_generation():
    found = wish(
        cloud_provider="K8S", org_id=7, db_pass="Sample-1", db_region="EUROPE",
        db_pricing_tier_id="tier_free", desired_instance_size="large",
        custom_supabase_internal_requests={
            "ami": {"search_tags": {"tag:postgresVersion": "15.1.0.147"}}
        },
        auth_site_url="https://a.test",
    )  # fmt: skip
    assert found.region.code == "eu-1"
    assert found.cloud_provider == "K8S"
    assert found.spec == {
        "size": "large",
        "database": {"managed": {"postgresVersion": 15}},
        "auth": {"siteURL": "https://a.test"},
    }


@pytest.mark.parametrize(
    "body",
    [
        {"release_channel": "preview"},
        {"postgres_engine": "17-oriole"},
        {"desired_instance_size": "4xlarge"},
        {"region_selection": {"type": "random", "code": "eu-1"}},
        {"data_api_exposed_schemas": "public"},
    ],
)
def test_values_that_are_not_offered(body):
    with pytest.raises(ValidationError, match=next(iter(body))):
        wish(**body)


@pytest.mark.parametrize("version", ["14.2", "16", "x"])
def test_other_majors_are_refused(version):
    with pytest.raises(errors.Invalid, match="15 and 17"):
        wish(
            custom_supabase_internal_requests={
                "ami": {"search_tags": {"tag:postgresVersion": version}}
            }
        )


@pytest.mark.parametrize(
    "body",
    [
        {"db_sql": "select 1"},
        {"high_availability": True},
        {"data_api_use_api_schema": True},
        {"template_url": "https://a.test/x.sql"},
        {"vercel_configuration_id": "icfg_1"},
    ],
)
def test_what_is_not_offered_is_refused(body):
    with pytest.raises(errors.Invalid, match="is not supported here"):
        wish(**body)
    assert wish(db_sql=" ").spec == {}
