"""Settings of the services: changed over HTTP, read back with kubectl and in the other dialect."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from asking import eventually, new_owner


@pytest.fixture
def ref(owner, cluster) -> str:
    made = owner.create()
    eventually(lambda: cluster.project(made))
    return made


@pytest.fixture
def expect(cluster, ref):
    """Wait until the resource has these fields, by their dotted names below spec."""

    def wait(**fields: Any) -> None:
        def check() -> bool:
            spec = cluster.project(ref)["spec"]
            for name, value in fields.items():
                node: Any = spec
                for key in name.split("__"):
                    node = node.get(key, {})
                assert node == value, name
            return True

        eventually(check)

    return wait


def ask(owner, method: str, path: str, body: Any = None, *, code: int = 200) -> Any:
    answer = owner.client.request(method, path, json=body)
    assert answer.status_code == code, answer.text
    return answer.json()


def test_the_rest_api(owner, cluster, ref, expect):
    path, twin = f"/platform/projects/{ref}/config/postgrest", f"/v1/projects/{ref}/postgrest"
    told = ask(owner, "GET", path)
    assert told == {
        "db_schema": "public,storage,graphql_public",
        "db_extra_search_path": "public,extensions",
        "max_rows": 1000,
        "db_pool": None,
        "db_anon_role": "anon",
        "role_claim_key": ".role",
    }
    change = {"db_schema": "public, api,public", "db_extra_search_path": "public", "max_rows": 7}
    changed = ask(owner, "PATCH", path, change)
    assert changed["db_schema"] == "public,api"
    assert changed == ask(owner, "GET", path) == ask(owner, "GET", twin)
    expect(rest__schemas=["public", "api"], rest__extraSearchPath=["public"], rest__maxRows=7)

    off = ask(owner, "PATCH", twin, {"db_schema": ""})
    assert (off["db_schema"], off["max_rows"]) == ("", 7)
    expect(services__rest__enabled=False, rest__schemas=["public", "api"])
    settings = ask(owner, "GET", f"/platform/projects/{ref}/settings")
    assert settings["app_config"]["db_schema"] == ""
    on = ask(owner, "PATCH", path, {"db_schema": "public", "db_pool": None})
    assert on["db_schema"] == "public"
    expect(services__rest__enabled=True, rest__schemas=["public"])
    assert ask(owner, "GET", f"/projects/{ref}/config/postgrest")["db_schema"] == "public"

    for bad in ({"max_rows": 0}, {"max_rows": "x"}, {"db_pool": 5}, {"db_schema": 7}, [], "x"):
        ask(owner, "PATCH", path, bad, code=400)
    long = ask(owner, "PATCH", path, {"db_schema": "a" * 64}, code=422)
    assert "spec.rest.schemas" in long["message"]
    assert ask(owner, "GET", path)["db_schema"] == "public"


def test_what_a_person_owns_is_not_taken(owner, cluster, ref, expect):
    rest = {"maxRows": 5, "schemas": ["public", "git"]}
    cluster.apply(ref, {"rest": rest, "auth": {"siteURL": "https://git.test"}})
    path = f"/platform/projects/{ref}/config/postgrest"
    eventually(lambda: ask(owner, "GET", path)["db_schema"] == "public,git")
    refused = ask(owner, "PATCH", path, {"db_schema": "public"}, code=409)
    assert 'spec.rest.schemas is owned by "kubectl"' in refused["message"]
    refused = ask(owner, "PATCH", path, {"max_rows": 6}, code=409)
    assert 'spec.rest.maxRows is owned by "kubectl"' in refused["message"]
    path = f"/platform/auth/{ref}/config"
    refused = ask(owner, "PATCH", path, {"SITE_URL": "https://app.test"}, code=409)
    assert 'spec.auth.siteURL is owned by "kubectl"' in refused["message"]
    ask(owner, "PATCH", path, {"SITE_URL": "https://git.test", "JWT_EXP": 60})
    expect(rest__maxRows=5, auth__siteURL="https://git.test", auth__jwtExpirySeconds=60)


def test_the_auth_service(owner, cluster, ref, expect):
    path, twin = f"/platform/auth/{ref}/config", f"/v1/projects/{ref}/config/auth"
    told = ask(owner, "GET", path)
    assert told["SITE_URL"] == f"https://{ref}.projects.test"
    assert told["JWT_EXP"] == 3600
    assert told["EXTERNAL_EMAIL_ENABLED"] is True
    assert told["MAILER_OTP_EXP"] == 86400
    assert told["SMTP_HOST"] is None
    assert len(told) > 150
    assert {name.lower(): value for name, value in told.items()} == ask(owner, "GET", twin)
    assert told == ask(owner, "GET", f"/auth/{ref}/config")

    change = {
        **told,
        "SITE_URL": "https://app.test",
        "URI_ALLOW_LIST": "https://a.test/*, https://b.test",
        "DISABLE_SIGNUP": True,
        "JWT_EXP": 600,
        "EXTERNAL_PHONE_ENABLED": True,
        "EXTERNAL_ANONYMOUS_USERS_ENABLED": True,
        "MAILER_AUTOCONFIRM": True,
        "SMTP_HOST": "",
    }
    changed = ask(owner, "PATCH", path, change)
    assert changed["URI_ALLOW_LIST"] == "https://a.test/*,https://b.test"
    assert changed == ask(owner, "GET", path)
    expect(
        auth__siteURL="https://app.test",
        auth__redirectURLs=["https://a.test/*", "https://b.test"],
        auth__disableSignup=True,
        auth__jwtExpirySeconds=600,
        auth__phone=True,
        auth__anonymousUsers=True,
        auth__email={"enabled": True, "autoconfirm": True},
    )
    lower = ask(owner, "PATCH", twin, {"external_email_enabled": False, "uri_allow_list": ""})
    assert lower["external_email_enabled"] is False
    expect(auth__email={"enabled": False, "autoconfirm": True}, auth__redirectURLs=[])

    revision = cluster.project(ref)["metadata"]["generation"]
    for bad, text in (
        ({"SMTP_HOST": "mail.test"}, "SMTP_HOST cannot be changed yet: .* spec.auth.smtp"),
        ({"EXTERNAL_GITHUB_ENABLED": True, "JWT_EXP": 60}, "spec.auth.providers"),
        ({"PASSWORD_MIN_LENGTH": 12}, "spec.auth.config"),
    ):
        assert re.search(text, ask(owner, "PATCH", path, bad, code=404)["message"])
    ask(owner, "PATCH", twin, {"smtp_host": "mail.test"}, code=404)
    unchanged = {"SMTP_HOST": None, "EXTERNAL_GITHUB_ENABLED": False, "JWT_EXP": 600}
    assert ask(owner, "PATCH", path, unchanged) == ask(owner, "GET", path)
    for bad, text in (
        ({"NO_SUCH": 1}, "NO_SUCH is no setting"),
        ({"JWT_EXP": "600"}, "JWT_EXP must be of type int"),
        ({"URI_ALLOW_LIST": "https://a.test/[,https://b.test"}, "'https://a.test/[' is no pattern"),
        ({"DISABLE_SIGNUP": 1}, "DISABLE_SIGNUP must be of type bool"),
        ({"DISABLE_SIGNUP": None}, "DISABLE_SIGNUP must be of type bool"),
    ):
        assert text in ask(owner, "PATCH", path, bad, code=400)["message"]
    refused = ask(owner, "PATCH", path, {"JWT_EXP": 1}, code=422)
    assert "spec.auth.jwtExpirySeconds" in refused["message"]
    ask(owner, "PATCH", path, {})
    assert cluster.project(ref)["metadata"]["generation"] == revision


def test_the_storage(owner, ref, expect):
    path, twin = f"/platform/projects/{ref}/config/storage", f"/v1/projects/{ref}/config/storage"
    told = ask(owner, "GET", path)
    assert told["fileSizeLimit"] == 50 * 1024**2
    assert told["features"]["imageTransformation"] == {"enabled": True}
    change = {
        "fileSizeLimit": 1024,
        "features": {"imageTransformation": {"enabled": False}, "s3Protocol": {"enabled": True}},
    }
    changed = ask(owner, "PATCH", path, change)
    assert changed == ask(owner, "GET", twin)
    expect(storage__fileSizeLimit=1024, storage__imageTransformation=False)
    assert changed["features"]["imageTransformation"] == {"enabled": False}
    ask(owner, "PATCH", twin, {"fileSizeLimit": 2048})
    expect(storage__fileSizeLimit=2048, storage__imageTransformation=False)
    for bad in (
        {"fileSizeLimit": 0},
        {"fileSizeLimit": 2**60},
        {"features": {"s3Protocol": {"enabled": False}}},
        {"features": {"imageTransformation": {}}},
    ):
        ask(owner, "PATCH", path, bad, code=400)


def test_network_restrictions(owner, cluster, ref, expect):
    path = f"/v1/projects/{ref}/network-restrictions"
    told = ask(owner, "GET", path)
    assert told["config"] == {"dbAllowedCidrs": [], "dbAllowedCidrsV6": []}
    wanted = {"dbAllowedCidrs": ["203.0.113.9/24"], "dbAllowedCidrsV6": ["2001:db8::/32"]}
    applied = ask(owner, "POST", f"{path}/apply", wanted, code=201)
    assert applied["config"]["dbAllowedCidrs"] == ["203.0.113.0/24"]
    assert applied["status"] == "stored"
    expect(network__databaseAllowedCIDRs=["203.0.113.0/24", "2001:db8::/32"])
    cluster.activate(ref)
    eventually(lambda: ask(owner, "GET", path)["status"] == "applied")
    change = {
        "add": {"dbAllowedCidrs": ["198.51.100.7"]},
        "remove": {"dbAllowedCidrs": ["203.0.113.0/24", "192.0.2.0/24"]},
    }
    changed = ask(owner, "PATCH", path, change)
    assert changed["config"]["dbAllowedCidrs"] == [
        {"address": "2001:db8::/32", "type": "v6"},
        {"address": "198.51.100.7/32", "type": "v4"},
    ]
    expect(network__databaseAllowedCIDRs=["2001:db8::/32", "198.51.100.7/32"])
    ask(owner, "POST", f"{path}/apply", {}, code=201)
    expect(network__databaseAllowedCIDRs=[])
    for bad in ("x", "203.0.113.0/33", "", "::1/200"):
        ask(owner, "POST", f"{path}/apply", {"dbAllowedCidrs": [bad]}, code=400)
    cluster.apply(ref, {"network": {"policy": "Disabled"}}, force=True)
    everybody = {"dbAllowedCidrs": ["0.0.0.0/0"], "dbAllowedCidrsV6": ["::/0"]}
    eventually(lambda: ask(owner, "GET", path)["config"] == everybody)
    ask(owner, "POST", f"{path}/apply", wanted, code=409)


def test_changes_at_the_same_time_are_all_kept(api, api_process, owner, ref, expect):
    second = api_process()
    wanted = [f"198.51.{number}.0/24" for number in range(4)]
    token = owner.client.headers["Authorization"].removeprefix("Bearer ")

    def add(number: int) -> httpx.Response:
        with (api, second)[number % 2].client(token) as client:
            return client.patch(
                f"/v1/projects/{ref}/network-restrictions",
                json={"add": {"dbAllowedCidrs": [wanted[number]]}},
            )

    with ThreadPoolExecutor(len(wanted)) as pool:
        answers = list(pool.map(add, range(len(wanted))))
    assert [answer.status_code for answer in answers] == [200] * len(wanted)
    told = ask(owner, "GET", f"/v1/projects/{ref}/network-restrictions")
    assert sorted(told["config"]["dbAllowedCidrs"]) == wanted
    expect(network__databaseAllowedCIDRs=told["config"]["dbAllowedCidrs"])


def test_settings_are_of_members_who_may(api, owner, management, ref):
    reader = api.new_account()
    management.add_member(reader.email, owner.organization["id"], role="Read-only")
    changes = (
        ("PATCH", f"/platform/projects/{ref}/config/postgrest"),
        ("PATCH", f"/platform/projects/{ref}/config/storage"),
        ("PATCH", f"/platform/auth/{ref}/config"),
        ("PATCH", f"/v1/projects/{ref}/config/auth"),
        ("POST", f"/v1/projects/{ref}/network-restrictions/apply"),
    )
    with api.client(reader.token) as client, new_owner(api) as other:
        for method, path in changes:
            assert client.request(method, path, json={}).status_code == 403, path
            assert other.client.request(method, path, json={}).status_code == 404, path
            look = path.removesuffix("/apply")
            told = client.get(look)
            assert told.status_code == 200, look
            assert "jwt_secret" not in told.json(), look
            assert other.client.get(look).status_code == 404, look


def test_secrets_in_variables_stay_in_the_cluster(owner, cluster, ref, rows):
    env = [{"name": "GOTRUE_SMTP_PASS", "value": "typed-by-hand"}]
    cluster.apply(ref, {"services": {"auth": {"env": env}, "imgproxy": {"enabled": False}}})
    path = f"/platform/projects/{ref}/config/storage"
    eventually(
        lambda: ask(owner, "GET", path)["features"]["imageTransformation"] == {"enabled": False}
    )
    assert "typed-by-hand" not in json.dumps(rows("SELECT * FROM project"))
