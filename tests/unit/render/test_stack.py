"""The facts about the stack: required variables, and the answers to known pitfalls."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import yaml

import renderings
from supamanager_dev import golden, samples
from supamanager_dev import stack_table as table
from supamanager_kube.components import COMPONENTS
from supamanager_operator import render
from supamanager_operator.render import releases

FACTS = yaml.safe_load((Path(__file__).parents[1] / "data" / "required-variables.yaml").read_text())
ROWS = [
    (component, row)
    for group in FACTS.values()
    for component, rows in group.items()
    for row in rows
]


@pytest.fixture
def shop(make_inputs):
    inputs = make_inputs()
    rendered = render.render(inputs)
    return inputs, {name: template["spec"] for name, template in renderings.pods(rendered).items()}


def test_the_list_has_all_rows():
    counts = {component: len(rows) for component, rows in FACTS["required"].items()}
    assert counts == {
        "database": 6,
        "gateway": 12,
        "auth": 14,
        "rest": 6,
        "realtime": 14,
        "storage": 11,
        "imgproxy": 1,
        "meta": 4,
        "functions": 6,
        "analytics": 13,
        "vector": 2,
        "studio": 13,
    }
    assert sum(counts.values()) == 102


@pytest.mark.parametrize(("component", "row"), ROWS, ids=lambda part: "-".join(part)[:60])
def test_variables(shop, component, row):
    inputs, pods = shop
    [container] = pods[component]["containers"]
    entries = {entry["name"]: entry for entry in container["env"]}
    values = renderings.environment(container, inputs)
    for name, expected in row.items():
        if isinstance(expected, str):
            assert values[name] == expected
            continue
        [(kind, path)] = expected.items()
        source = entries[name]["valueFrom"]
        if kind == "field":
            assert source == {"fieldRef": {"fieldPath": path}}
        else:
            suffix, key = path.split("/")
            assert source == {"secretKeyRef": {"name": f"shop-{suffix}", "key": key}}


def test_passwords_come_from_secrets(shop):
    inputs, pods = shop
    for pod in pods.values():
        for container in pod["containers"]:
            for entry in container.get("env", ()):
                value = entry.get("value", "")
                assert "@" not in value or "$(DB_PASSWORD_URLENCODED)@" in value
    assert "p%40ss%20word" in renderings.environment(pods["auth"]["containers"][0], inputs).get(
        "GOTRUE_DB_DATABASE_URL"
    )


def mounts(pod, container=0):
    return {mount["mountPath"]: mount for mount in pod["containers"][container]["volumeMounts"]}


def volumes(pod):
    return {volume["name"]: volume for volume in pod["volumes"]}


def test_database_survives_its_volume_its_image_and_its_own_stop(shop):
    _, pods = shop
    pod = pods["database"]
    data = mounts(pod)["/var/lib/postgresql/data"]
    # lost+found in the root of a volume.
    assert data["subPath"] == "postgres-data"
    # The root key and the included files outlive the pod.
    custom = mounts(pod)["/etc/postgresql-custom"]
    assert volumes(pod)[custom["name"]]["persistentVolumeClaim"]["claimName"] == (
        "shop-database-custom"
    )
    # Whoever the image's postgres user is: no fixed ids.
    [prepare] = pod["initContainers"]
    assert prepare["securityContext"]["runAsUser"] == 0
    assert "runAsUser" not in pod["securityContext"]
    assert "runAsUser" not in pod["containers"][0]["securityContext"]
    # No preStop that names a wrong data path: the image's stop signal is a fast shutdown.
    assert "lifecycle" not in pod["containers"][0]
    assert pod["terminationGracePeriodSeconds"] >= 60
    shared = volumes(pod)[mounts(pod)["/dev/shm"]["name"]]["emptyDir"]
    assert shared == {"medium": "Memory", "sizeLimit": "256Mi"}
    # The image's own scripts are not hidden.
    assert "/docker-entrypoint-initdb.d" not in mounts(pod)
    assert pod["containers"][0]["args"][:5] == [
        "postgres",
        *("-c", "config_file=/etc/postgresql/postgresql.conf"),
        *("-c", "log_min_messages=fatal"),
    ]


def test_secrets_stay_out_of_the_database(shop):
    _, pods = shop
    for component in ("database", "init", "rest"):
        names = {entry["name"] for entry in pods[component]["containers"][0]["env"]}
        assert not names & {"JWT_SECRET", "PGRST_APP_SETTINGS_JWT_SECRET"}


def test_two_copies_do_not_meet_where_they_hurt(make_inputs):
    workloads = renderings.workloads(render.render(make_inputs()))
    strategies = {
        name: body["spec"].get("strategy", {}).get("type")
        for name, body in workloads.items()
        if body["kind"] == "Deployment"
    }
    for name in ("storage", "imgproxy", "studio", "analytics"):
        assert strategies[name] == "Recreate"
    assert workloads["realtime"]["spec"]["strategy"]["rollingUpdate"]["maxSurge"] == 0
    assert workloads["database"]["kind"] == "StatefulSet"
    assert workloads["database"]["spec"]["podManagementPolicy"] == "Parallel"
    assert "volumeClaimTemplates" not in workloads["database"]["spec"]


@pytest.mark.parametrize("disabled", [None, "storage", "imgproxy"])
def test_a_pod_with_a_volume_ends_before_its_successor_starts(make_inputs, disabled):
    """It may start on another node, and no two nodes have such a volume at once."""
    spec = {"services": {disabled: {"enabled": False}}} if disabled else {}
    rendered = render.render(make_inputs(spec))
    claims = renderings.of_kind(rendered, "PersistentVolumeClaim")
    assert {mode for body in claims.values() for mode in body["spec"]["accessModes"]} == {
        "ReadWriteOnce"
    }
    users = {
        name: body
        for name, body in renderings.workloads(rendered).items()
        if any(
            "persistentVolumeClaim" in v
            for v in body["spec"]["template"]["spec"].get("volumes", ())
        )
    }
    shared = {"storage", "imgproxy"} if disabled is None else set()
    assert users.keys() >= {"database", "studio", *shared}
    for name, body in users.items():
        rolls = body["spec"].get("strategy", {}).get("type") != "Recreate"
        assert body["kind"] == "StatefulSet" or not rolls, name


def test_imgproxy_reads_the_files_on_storages_node(shop):
    _, pods = shop
    claim = {"claimName": "shop-storage"}
    for component in ("storage", "imgproxy"):
        name = mounts(pods[component])["/var/lib/storage"]["name"]
        assert volumes(pods[component])[name]["persistentVolumeClaim"] == claim
    assert mounts(pods["imgproxy"])["/var/lib/storage"]["readOnly"] is True
    [term] = pods["imgproxy"]["affinity"]["podAffinity"][
        "requiredDuringSchedulingIgnoredDuringExecution"
    ]
    assert term == {
        "topologyKey": "kubernetes.io/hostname",
        "labelSelector": {
            "matchLabels": {
                "supamanager.io/project": "shop",
                "supamanager.io/component": "storage",
            }
        },
    }


def test_the_realtime_tenant_is_the_first_label_of_its_host(make_inputs):
    inputs = make_inputs()
    rendered = render.render(inputs)
    container = renderings.main_container(renderings.pods(rendered)["realtime"])
    tenant = renderings.environment(container, inputs)["SELF_HOST_TENANT_NAME"]
    assert tenant in renderings.of_kind(rendered, "Service")
    secret = renderings.of_kind(rendered, "Secret")["shop-gateway"]
    [kong] = [text for text in renderings.texts(secret) if "_format_version" in text]
    hosts = {service["host"] for service in yaml.safe_load(kong)["services"] if "host" in service}
    urls = {service.get("url", "") for service in yaml.safe_load(kong)["services"]}
    named = {host.split(".")[0] for host in hosts} | {
        url.split("//")[1].split(".")[0] for url in urls if url
    }
    assert tenant in named


def test_functions_have_their_files_and_may_write(shop):
    _, pods = shop
    main = mounts(pods["functions"])["/home/deno/functions/main/index.ts"]
    assert main["subPath"] == "index.ts"
    for path in ("/root/.cache/deno", "/tmp"):
        name = mounts(pods["functions"])[path]["name"]
        assert volumes(pods["functions"])[name]["emptyDir"] == {}
    assert "/app/edge-functions/main/index.ts" in mounts(pods["studio"])
    assert pods["functions"]["containers"][0]["args"] == [
        "start",
        *("--user-worker-request-idle-timeout", "150000"),
        *("--main-service", "/home/deno/functions/main"),
    ]


def test_the_gateway_reads_its_file_from_a_secret(shop):
    _, pods = shop
    path = "/etc/gateway"
    name = mounts(pods["gateway"])[path]["name"]
    assert volumes(pods["gateway"])[name]["secret"] == {"secretName": "shop-gateway"}


def test_nobody_waits_for_logs():
    for name in ("analytics", "vector"):
        assert COMPONENTS[name].stage is COMPONENTS["auth"].stage


@pytest.mark.parametrize(
    ("spec", "component", "expected"),
    [
        (
            {"http": {"host": "shop.example.com"}},
            "auth",
            {
                "API_EXTERNAL_URL": "https://shop.example.com/auth/v1",
                "GOTRUE_JWT_ISSUER": "https://shop.example.com/auth/v1",
                "GOTRUE_SITE_URL": "https://shop.example.com",
            },
        ),
        (
            {"http": {"host": "shop.example.com:8080", "scheme": "http"}},
            "storage",
            {"STORAGE_PUBLIC_URL": "http://shop.example.com:8080"},
        ),
        (
            {"http": {"host": "shop.example.com"}},
            "functions",
            {
                "SUPABASE_PUBLIC_URL": "https://shop.example.com",
                "SUPABASE_URL": "http://shop-gateway.projects.svc:8000",
            },
        ),
        (
            {
                "auth": {
                    "siteURL": "https://app.example.com",
                    "redirectURLs": ["https://a.example.com", "app://b"],
                    "jwtExpirySeconds": 60,
                    "disableSignup": True,
                    "email": {"enabled": False, "autoconfirm": True},
                    "phone": True,
                    "anonymousUsers": True,
                }
            },
            "auth",
            {
                "GOTRUE_SITE_URL": "https://app.example.com",
                "GOTRUE_URI_ALLOW_LIST": "https://a.example.com,app://b",
                "GOTRUE_JWT_EXP": "60",
                "GOTRUE_DISABLE_SIGNUP": "true",
                "GOTRUE_EXTERNAL_EMAIL_ENABLED": "false",
                "GOTRUE_MAILER_AUTOCONFIRM": "true",
                "GOTRUE_EXTERNAL_PHONE_ENABLED": "true",
                "GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED": "true",
            },
        ),
        (
            {"storage": {"imageTransformation": False}},
            "storage",
            {"ENABLE_IMAGE_TRANSFORMATION": "false"},
        ),
        (
            {"services": {"imgproxy": {"enabled": False}}},
            "storage",
            {"ENABLE_IMAGE_TRANSFORMATION": "false", "IMGPROXY_URL": None},
        ),
        (
            {"rest": {"schemas": ["a", "b"], "maxRows": 5, "extraSearchPath": []}},
            "rest",
            {
                "PGRST_DB_SCHEMAS": "a,b",
                "PGRST_DB_MAX_ROWS": "5",
                "PGRST_DB_EXTRA_SEARCH_PATH": "",
            },
        ),
        (
            {"services": {"analytics": {"enabled": False}}},
            "studio",
            {
                "ENABLED_FEATURES_LOGS_ALL": "false",
                "LOGFLARE_URL": None,
                "LOGFLARE_PRIVATE_ACCESS_TOKEN": None,
            },
        ),
        ({}, "studio", {"DEFAULT_PROJECT_NAME": "shop"}),
        ({"displayName": "Shop!"}, "studio", {"DEFAULT_PROJECT_NAME": "Shop!"}),
        (
            {"displayName": "Shop!", "studio": {"projectName": "P", "organizationName": "O"}},
            "studio",
            {"DEFAULT_PROJECT_NAME": "P", "DEFAULT_ORGANIZATION_NAME": "O"},
        ),
    ],
)
def test_settings_reach_the_services(make_inputs, spec, component, expected):
    inputs = make_inputs(spec)
    container = renderings.main_container(renderings.pods(render.render(inputs))[component])
    values = renderings.environment(container, inputs)
    assert {name: values.get(name) for name in expected} == expected


def test_a_revoked_key_is_not_used(make_inputs):
    listed = [
        {"id": "1", "name": "a", "type": "secret", "state": "revoked", "createdAt": ""},
        {"id": "2", "name": "b", "type": "secret", "state": "active", "createdAt": ""},
        {"id": "3", "name": "c", "type": "publishable", "state": "active", "createdAt": ""},
        {"id": "4", "name": "d", "type": "publishable", "state": "active", "createdAt": ""},
    ]
    values = {f"{key['type']}-{key['id']}": f"value-{key['id']}" for key in listed}
    inputs = make_inputs(keys={"api-keys": json.dumps(listed), **values})
    container = renderings.main_container(renderings.pods(render.render(inputs))["studio"])
    variables = renderings.environment(container, inputs)
    assert variables["SUPABASE_SECRET_KEY"] == "value-2"
    assert variables["SUPABASE_PUBLISHABLE_KEY"] == "value-3"


def test_the_documented_table_is_what_is_rendered():
    assert table.PATH.read_text(encoding="utf-8") == table.table()
    for name in COMPONENTS:
        assert f"\n## {name}\n" in table.table()


def test_the_pods_are_those_on_record():
    for version in releases.versions():
        assert golden.differences(version) == []


def test_a_record_shows_every_difference(tmp_path):
    golden.write("2026.09", tmp_path)
    assert golden.differences("2026.09", tmp_path) == []
    path = tmp_path / "2026.09.json"
    recorded = json.loads(path.read_text())
    assert recorded.keys() == samples.SPECS.keys()
    recorded["empty"]["auth"] = "other"
    del recorded["public"]["rest"]
    path.write_text(json.dumps(recorded))
    assert golden.differences("2026.09", tmp_path) == ["empty/auth", "public/rest"]


def test_a_frozen_release_is_not_recorded_anew(tmp_path, monkeypatch):
    golden.write("2026.09", tmp_path)
    frozen = dataclasses.replace(releases.load("2026.09"), frozen=True)
    monkeypatch.setattr(releases, "load", lambda _: frozen)
    golden.write("2026.09", tmp_path)
    (tmp_path / "2026.09.json").write_text("{}")
    with pytest.raises(golden.Frozen, match=r"2026\.09"):
        golden.write("2026.09", tmp_path)


def test_the_commands_answer_with_their_exit_status(tmp_path, monkeypatch, capsys):
    assert golden.main([]) == table.main(["--check"]) == 0
    monkeypatch.setattr(table, "PATH", tmp_path / "docs" / "stack-table.md")
    assert table.main(["--check"]) == 1
    assert "is not what is rendered" in capsys.readouterr().err
    assert table.main([]) == 0
    assert table.main(["--check"]) == 0
    monkeypatch.setattr(golden, "hashes", lambda _: {"empty": {"auth": "other"}})
    assert golden.main([]) == 1
    assert "the pods of empty/auth would restart" in capsys.readouterr().err
