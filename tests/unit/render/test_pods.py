"""What pods have in common, what the resource may change of them, and what rolls them."""

from __future__ import annotations

import dataclasses

import pytest

import renderings
from supamanager_dev import samples
from supamanager_kube import labels
from supamanager_kube.components import COMPONENTS
from supamanager_operator import render
from supamanager_operator.render import data

CHECKSUM = labels.CHECKSUM


@pytest.fixture
def render_pods(make_inputs):
    return lambda spec=None, **options: renderings.pods(render.render(make_inputs(spec, **options)))


def containers(template):
    return [*template["spec"].get("initContainers", ()), *template["spec"]["containers"]]


@pytest.mark.parametrize("name", sorted(samples.SPECS))
def test_every_pod_is_locked_down(name):
    for component, template in renderings.pods(
        render.render(samples.inputs(name, "2026.09"))
    ).items():
        pod = template["spec"]
        assert pod["serviceAccountName"] == "demo"
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"} & pod.keys()
        assert not [volume for volume in pod.get("volumes", ()) if "hostPath" in volume]
        for container in containers(template):
            assert container["terminationMessagePolicy"] == "FallbackToLogsOnError"
            context = container["securityContext"]
            # Realtime's start script calls sudo.
            assert context["allowPrivilegeEscalation"] is (component == "realtime")
            assert "privileged" not in context
            assert "add" not in context.get("capabilities", {})
            assert container["resources"]


@pytest.mark.parametrize("name", sorted(samples.SPECS))
def test_variables_are_texts_that_occur_once(name):
    inputs = samples.inputs(name, "2026.09")
    for template in renderings.pods(render.render(inputs)).values():
        for container in containers(template):
            entries = container.get("env", [])
            assert len({entry["name"] for entry in entries}) == len(entries)
            for entry in entries:
                assert entry.keys() <= {"name", "value", "valueFrom"}
                # The API server stores no empty text.
                assert "value" not in entry or entry["value"]
                assert isinstance(entry.get("value", ""), str)
            # A reference to a variable that comes later, or to none, would stay as it is.
            expanded = renderings.environment(container, inputs)
            assert not [
                value for key, value in expanded.items() if "$(" in value and key not in ("EXTRA",)
            ]


def test_probes(render_pods):
    for component, template in render_pods().items():
        container = renderings.main_container(template)
        if component == "init":
            continue
        ports = {port["name"] for port in container["ports"]}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            how = container[probe]
            target = how.get("httpGet") or how.get("tcpSocket")
            assert target["port"] in ports if target else how["exec"]["command"]
        startup = container["startupProbe"]
        assert startup["failureThreshold"] * startup.get("periodSeconds", 10) >= 24


def test_image_override(render_pods):
    pods = render_pods({"services": {"database": {"image": "mine:1"}, "auth": {"image": "a:2"}}})
    images = {name: {c["image"] for c in containers(pod)} for name, pod in pods.items()}
    assert images["database"] == images["init"] == {"mine:1"}
    assert images["auth"] == {"a:2"}
    assert images["rest"] == {"postgrest/postgrest:v14.17"}


def test_postgres_15(make_inputs):
    inputs = samples.inputs("postgres-15", "2026.09")
    rendered = render.render(inputs)
    images = {c["image"] for c in containers(renderings.pods(rendered)["database"])}
    assert images == {"supabase/postgres:15.8.1.085"}
    claim = renderings.of_kind(rendered, "PersistentVolumeClaim")["demo-database"]
    assert claim["metadata"]["labels"][labels.POSTGRES_VERSION] == "15"


def test_variables_of_the_resource(make_inputs):
    spec = {
        "services": {
            "auth": {
                "env": [
                    {"name": "NEW", "value": "a $(GOTRUE_JWT_SECRET) $$ b"},
                    {"name": "DB_PASSWORD_URLENCODED", "value": "other"},
                    {"name": "GOTRUE_JWT_AUD", "value": ""},
                    {
                        "name": "GOTRUE_JWT_EXP",
                        "valueFrom": {"secretKeyRef": {"name": "mine", "key": "exp"}},
                    },
                ]
            }
        }
    }
    inputs = make_inputs(spec)
    container = renderings.main_container(renderings.pods(render.render(inputs))["auth"])
    plain = renderings.main_container(renderings.pods(render.render(make_inputs()))["auth"])
    order = [entry["name"] for entry in plain["env"]]
    assert [entry["name"] for entry in container["env"]] == [*order, "NEW"]

    entries = {entry["name"]: entry for entry in container["env"]}
    assert entries["GOTRUE_JWT_EXP"]["valueFrom"] == {
        "secretKeyRef": {"name": "mine", "key": "exp"}
    }
    assert entries["GOTRUE_JWT_AUD"] == {"name": "GOTRUE_JWT_AUD"}
    del entries["GOTRUE_JWT_EXP"]
    values = renderings.environment({"env": list(entries.values())}, inputs)
    assert values["NEW"] == "a $(GOTRUE_JWT_SECRET) $$ b"
    assert ":other@" in values["GOTRUE_DB_DATABASE_URL"]


def test_variables_are_of_the_main_container_alone(render_pods):
    spec = {"services": {"database": {"env": [{"name": "NEW", "value": "x"}]}}}
    pods = render_pods(spec)
    assert [entry["name"] for entry in pods["database"]["spec"]["initContainers"][0]["env"]] == [
        "IMAGE"
    ]
    assert "NEW" not in [e["name"] for e in renderings.main_container(pods["init"])["env"]]


def test_resources(render_pods):
    assert renderings.main_container(render_pods()["auth"])["resources"] == {
        "requests": {"cpu": "50m", "memory": "48Mi"},
        "limits": {"memory": "256Mi"},
    }
    larger = render_pods({"size": "large"})
    assert renderings.main_container(larger["database"])["resources"]["limits"] == {"memory": "8Gi"}
    own = {"requests": {"cpu": "0.5", "memory": "2048Mi"}, "limits": {"memory": "4Gi"}}
    pods = render_pods({"services": {"auth": {"resources": own}}})
    assert renderings.main_container(pods["auth"])["resources"] == {
        "requests": {"cpu": "500m", "memory": "2Gi"},
        "limits": {"memory": "4Gi"},
    }
    only = render_pods({"services": {"auth": {"resources": {"requests": {"cpu": 1}}}}})
    assert renderings.main_container(only["auth"])["resources"] == {"requests": {"cpu": "1"}}
    none = render_pods({"services": {"auth": {"resources": {}}}})
    assert "resources" not in renderings.main_container(none["auth"])


def test_placement(render_pods):
    toleration = {"key": "region", "operator": "Exists"}
    pods = render_pods(
        {
            "placement": {
                "nodeSelector": {"region": "north", "disk": "slow"},
                "tolerations": [toleration],
                "topologySpread": [
                    {"topologyKey": "zone", "maxSkew": 2, "whenUnsatisfiable": "DoNotSchedule"}
                ],
            },
            "services": {
                "auth": {
                    "nodeSelector": {"disk": "fast"},
                    "tolerations": [toleration, {"operator": "Equal", "key": "a", "value": ""}],
                    "priorityClassName": "high",
                }
            },
        }
    )
    assert set(pods) == {*COMPONENTS, "init"}
    for name, template in pods.items():
        pod = template["spec"]
        auth = name == "auth"
        disk = "fast" if auth else "slow"
        assert pod["nodeSelector"] == {"region": "north", "disk": disk}
        extra = [{"operator": "Equal", "key": "a"}] if auth else []
        assert pod["tolerations"] == [toleration, *extra]
        assert pod.get("priorityClassName") == ("high" if auth else None)
        assert pod["topologySpreadConstraints"] == [
            {
                "maxSkew": 2,
                "topologyKey": "zone",
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {
                    "matchLabels": {labels.PROJECT: "shop", labels.PROJECT_COMPONENT: name}
                },
            }
        ]


def test_nothing_is_said_about_placement_by_default(render_pods):
    for template in render_pods().values():
        assert not {
            "nodeSelector",
            "tolerations",
            "topologySpreadConstraints",
            "priorityClassName",
        } & set(template["spec"])


def checksums(pods):
    return {
        name: template["metadata"].get("annotations", {}).get(CHECKSUM)
        for name, template in pods.items()
    }


def changed(before, after):
    return {name for name in before if before[name] != after[name]}


CONSUMERS = {
    ("keys", "jwt-secret"): {"auth", "realtime", "storage", "functions", "studio"},
    ("keys", "jwt-keys"): {"auth"},
    ("keys", "jwks"): {"rest", "realtime", "storage", "functions"},
    ("keys", "anon-key"): {"gateway", "storage", "functions", "studio"},
    ("keys", "service-role-key"): {"gateway", "storage", "functions", "studio"},
    ("keys", "anon-key-asymmetric"): {"gateway"},
    ("keys", "service-role-key-asymmetric"): {"gateway"},
    ("keys", "publishable-default"): {"gateway", "functions", "studio"},
    ("keys", "secret-default"): {"gateway", "functions", "studio"},
    ("database", "password"): {"database", "init", "realtime", "meta", "analytics", "studio"},
    ("database", "password-urlencoded"): {"auth", "rest", "storage", "functions", "analytics"},
    ("database", "password-verifier"): {"init"},
    ("database", "uri"): set(),
    ("database", "crypto-key"): {"meta", "studio"},
    ("dashboard", "username"): {"gateway"},
    ("dashboard", "password"): {"gateway"},
    ("internal", "realtime-db-enc-key"): {"realtime"},
    ("internal", "vault-enc-key"): set(),
    ("internal", "logflare-public-token"): {"analytics", "vector"},
    ("internal", "logflare-private-token"): {"analytics", "studio"},
    ("internal", "logflare-db-enc-key"): {"analytics"},
    ("internal", "s3-access-key-id"): {"storage"},
    ("internal", "s3-secret-access-key"): {"storage"},
}


@pytest.mark.parametrize(("secret", "key"), CONSUMERS)
def test_a_changed_secret_rolls_its_consumers_and_nobody_else(make_inputs, secret, key):
    inputs = make_inputs()
    fields = {name: getattr(inputs, name) for name in inputs.__dataclass_fields__}
    fields[secret] = {**fields[secret], key: "another value of forty characters, or so"}
    before = renderings.pods(render.render(inputs))
    after = renderings.pods(render.render(type(inputs)(**fields)))
    assert changed(checksums(before), checksums(after)) == CONSUMERS[secret, key]
    assert changed(before, after) == CONSUMERS[secret, key]


def test_a_further_api_key_rolls_the_gateway_alone(make_inputs):
    inputs = make_inputs()
    listed = inputs.keys["api-keys"].replace(
        "]", ',{"id":"2","name":"n","type":"secret","state":"active","createdAt":""}]'
    )
    keys = {"api-keys": listed, "secret-2": "sb_secret_second"}
    before = renderings.pods(render.render(inputs))
    after = renderings.pods(render.render(make_inputs(keys=keys)))
    assert changed(before, after) == {"gateway"}


@pytest.mark.parametrize(
    ("folder", "consumers"),
    [
        ("functions/main", {"functions", "studio"}),
        ("init", {"init"}),
        ("database", {"database"}),
    ],
)
def test_a_changed_file_rolls_its_consumers(make_inputs, monkeypatch, folder, consumers):
    before = renderings.pods(render.render(make_inputs()))
    original = data.folder

    def edited(name):
        [(first, content), *rest] = original(name)
        return ((first, content + b"\n"), *rest) if name == folder else original(name)

    monkeypatch.setattr(data, "folder", edited)
    after = renderings.pods(render.render(make_inputs()))
    assert changed(checksums(before), checksums(after)) == consumers


def test_settings_roll_those_who_read_them(make_inputs, render_pods):
    before = render_pods()
    for spec, consumers in (
        ({"displayName": "Other"}, {"studio"}),
        ({"auth": {"jwtExpirySeconds": 60}}, {"auth", "rest", "init"}),
        ({"functions": {"verifyJWT": False}}, {"functions"}),
        ({"storage": {"fileSizeLimit": 1}}, {"storage"}),
        ({"network": {"policy": "Disabled"}}, set()),
        ({"deletionPolicy": "Delete"}, set()),
        ({"services": {"auth": {"replicas": 2}}}, set()),
        ({"database": {"managed": {"storage": {"size": "20Gi"}}}}, set()),
    ):
        assert changed(before, render_pods(spec)) == consumers, spec


def test_the_checksum_is_keyed(make_inputs):
    inputs = make_inputs()
    fields = {name: getattr(inputs, name) for name in inputs.__dataclass_fields__}
    fields["internal"] = {**fields["internal"], "secret-key-base": "x" * 64}
    before = checksums(renderings.pods(render.render(inputs)))
    after = checksums(renderings.pods(render.render(type(inputs)(**fields))))
    assert changed(before, after) == {name for name, value in before.items() if value}
    # It reads no Secret and no file.
    assert [name for name, value in before.items() if not value] == ["imgproxy"]


def test_a_users_own_secret_does_not_hinder(render_pods):
    variable = {"name": "X", "valueFrom": {"secretKeyRef": {"name": "mine", "key": "k"}}}
    pods = render_pods({"services": {"imgproxy": {"env": [variable]}}})
    assert checksums(pods)["imgproxy"]


RESTART = "2026-05-01T12:00:00Z"


def restarted(before, after):
    """The components whose pods differ."""
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    ("restart", "names"),
    [
        ({"at": RESTART}, set(COMPONENTS)),
        ({"services": {"rest": RESTART, "meta": RESTART}}, {"rest", "meta"}),
        ({}, set()),
    ],
)
def test_a_restart_rolls_exactly_what_it_names(render_pods, restart, names):
    assert restarted(render_pods(), render_pods({"restart": restart})) == names


def test_the_newer_of_two_restarts_counts(render_pods):
    newer, older = "2026-05-01T12:00:01Z", RESTART

    def told(**restart):
        return {
            name: pod["metadata"]["annotations"].get(labels.RESTARTED_AT)
            for name, pod in render_pods({"restart": restart}).items()
        }

    assert told(at=older, services={"rest": newer})["rest"] == newer
    assert told(at=newer, services={"rest": older})["rest"] == newer
    assert told(at=newer, services={"rest": older})["init"] is None


def test_a_restart_that_is_taken_back_is_not_undone(make_inputs):
    asked = make_inputs({"restart": {"services": {"rest": RESTART}}})
    after = dataclasses.replace(make_inputs(), restarted={"rest": RESTART, "meta": ""})
    assert renderings.pods(render.render(asked)) == renderings.pods(render.render(after))
    again = make_inputs({"restart": {"services": {"rest": "2026-05-01T11:00:00Z"}}})
    again = dataclasses.replace(again, restarted={"rest": RESTART})
    pods = renderings.pods(render.render(again))
    assert pods["rest"]["metadata"]["annotations"][labels.RESTARTED_AT] == "2026-05-01T11:00:00Z"
