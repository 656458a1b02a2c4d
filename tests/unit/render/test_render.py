"""What is rendered: which objects, under which names, owned by whom."""

from __future__ import annotations

import builtins
import copy
import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import renderings
from supamanager_dev import samples
from supamanager_kube import kinds, labels, names
from supamanager_kube.components import COMPONENTS, Stage
from supamanager_operator import render

LONG = "a" * 40


@pytest.fixture(params=sorted(samples.SPECS))
def sample(request):
    return samples.inputs(request.param, "2026.09")


def by_kind(rendered):
    found = {}
    for entry in rendered:
        found.setdefault(entry.body["kind"], []).append(entry.body["metadata"]["name"])
    return found


def test_an_empty_spec_is_a_whole_project(make_inputs):
    found = by_kind(render.render(make_inputs()))
    workloads = {f"shop-{name}" for name in COMPONENTS}
    [job] = found.pop("Job")
    assert job.startswith("shop-init-")
    assert len(found.pop("NetworkPolicy")) == len(COMPONENTS) + 2
    assert {kind: set(names_) for kind, names_ in found.items()} == {
        "ServiceAccount": {"shop"},
        "Service": workloads,
        "Deployment": workloads - {"shop-database"},
        "StatefulSet": {"shop-database"},
        "Secret": {"shop-gateway"},
        "ConfigMap": {"shop-database", "shop-init", "shop-functions", "shop-vector"},
        "PersistentVolumeClaim": {
            "shop-database",
            "shop-database-custom",
            "shop-storage",
            "shop-snippets",
        },
    }


def test_stages_come_in_order_and_needs_before_workloads(sample):
    rendered = render.render(sample)
    stages = [entry.stage for entry in rendered]
    assert stages == sorted(stages)
    assert {entry.stage for entry in rendered} == set(Stage)
    for entry in rendered:
        if entry.component:
            assert entry.stage is COMPONENTS[entry.component].stage
    for component in (*COMPONENTS, None):
        kinds_ = [
            kinds.of(e.body) in kinds.WORKLOADS
            for e in rendered
            if e.component == component and (component or e.stage is Stage.INIT)
        ]
        assert kinds_ == sorted(kinds_)


def test_every_kind_is_one_that_is_pruned(sample):
    for entry in render.render(sample):
        assert kinds.of(entry.body) in {*kinds.MANAGED, kinds.SECRET}


def test_nothing_is_rendered_twice(sample):
    rendered = render.render(sample)
    keys = [(e.body["kind"], e.body["metadata"]["name"]) for e in rendered]
    assert len(set(keys)) == len(keys)


def test_labels_and_owner(make_inputs):
    uid = make_inputs().project.metadata.uid
    for entry in render.render(make_inputs()):
        metadata = entry.body["metadata"]
        found = dict(metadata["labels"])
        component = found.get(labels.PROJECT_COMPONENT, "project")
        if entry.component:
            assert component == entry.component
        found.pop(labels.PROJECT_COMPONENT, None)
        found.pop(labels.POSTGRES_VERSION, None)
        if kinds.of(entry.body) in (kinds.DEPLOYMENT, kinds.STATEFUL_SET):
            assert found.pop(labels.SIZE) == "small"
        assert found == {
            "app.kubernetes.io/name": component,
            "app.kubernetes.io/instance": "shop",
            "app.kubernetes.io/component": component,
            "app.kubernetes.io/part-of": "supabase",
            "app.kubernetes.io/managed-by": "supamanager",
            "supamanager.io/project": "shop",
            "supamanager.io/project-uid": uid,
        }
        assert metadata["namespace"] == "projects"
        if entry.body["kind"] == "PersistentVolumeClaim":
            assert "ownerReferences" not in metadata
        else:
            assert metadata["ownerReferences"] == [
                {
                    "apiVersion": "supamanager.io/v1alpha1",
                    "kind": "SupabaseProject",
                    "name": "shop",
                    "uid": uid,
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ]


def test_the_resources_own_labels_are_not_copied(make_inputs):
    inputs = make_inputs()
    resource = inputs.project.model_copy(
        update={
            "metadata": inputs.project.metadata.model_copy(
                update={"labels": {"argocd/app": "x"}, "annotations": {"note": "x"}}
            )
        }
    )
    labelled = render.render(
        type(inputs)(**{**{f: getattr(inputs, f) for f in _fields(inputs)}, "project": resource})
    )
    assert labelled == render.render(inputs)


def _fields(inputs):
    return inputs.__dataclass_fields__


def test_selectors_are_of_two_labels_that_the_pods_carry(sample):
    rendered = render.render(sample)
    pods = renderings.pods(rendered)
    for name, body in renderings.workloads(rendered).items():
        selector = {labels.PROJECT: "demo", labels.PROJECT_COMPONENT: name}
        assert selector.items() <= pods[name]["metadata"]["labels"].items()
        if body["kind"] == "Job":
            assert "selector" not in body["spec"]
            continue
        assert body["spec"]["selector"] == {"matchLabels": selector}
        service = renderings.of_kind(rendered, "Service")[f"demo-{name}"]
        assert service["spec"]["selector"] == selector


def test_ports_are_those_of_the_table(make_inputs):
    rendered = render.render(make_inputs())
    services = renderings.of_kind(rendered, "Service")
    pods = renderings.pods(rendered)
    for name, component in COMPONENTS.items():
        ports = services[f"shop-{name}"]["spec"]["ports"]
        assert {port["name"]: port["port"] for port in ports} == component.ports
        assert all(port["targetPort"] == port["name"] for port in ports)
        container = renderings.main_container(pods[name])["ports"]
        numbers = {port["name"]: port["containerPort"] for port in container}
        # Kong's status listener is for the kubelet alone.
        numbers.pop("status", None)
        assert numbers == component.ports
        assert {port["protocol"] for port in (*ports, *container)} == {"TCP"}


def test_names_and_labels_fit(make_inputs):
    rendered = render.render(make_inputs(name=LONG))
    for entry in rendered:
        metadata = entry.body["metadata"]
        assert len(metadata["name"]) <= 63
        assert all(len(value) <= 63 for value in metadata["labels"].values())
    for template in renderings.pods(rendered).values():
        assert all(len(value) <= 63 for value in template["metadata"]["labels"].values())
    for name in COMPONENTS:
        # A Deployment's pods get two suffixes, a Job's one.
        assert len(names.child(LONG, name)) <= 63 - len("-0123456789-01234") + 6


def test_rendering_is_pure(make_inputs, monkeypatch):
    first = render.render(make_inputs())
    kept = copy.deepcopy(first)

    def refuse(*_, **__):
        raise AssertionError("read a file")

    for module, name in ((builtins, "open"), (pathlib.Path, "read_text"), (pathlib.Path, "open")):
        monkeypatch.setattr(module, name, refuse)
    second = render.render(make_inputs())
    assert json.dumps([e.body for e in first]) == json.dumps([e.body for e in second])
    for entry in second:
        entry.body.clear()
    assert first == kept == render.render(make_inputs())


@given(st.permutations(range(3)))
def test_the_order_of_a_mapping_does_not_matter(order):
    names_ = ["work_mem", "max_connections", "a.b"]
    shuffled = {names_[index]: "1" for index in order}
    base = samples.inputs("empty", "2026.09")
    spec = {"database": {"managed": {"parameters": shuffled}}}
    resource = type(base.project).model_validate(
        {"metadata": base.project.metadata.model_dump(by_alias=True), "spec": spec}
    )
    rendered = render.render(
        type(base)(**{**{f: getattr(base, f) for f in _fields(base)}, "project": resource})
    )
    container = renderings.main_container(renderings.pods(rendered)["database"])
    assert container["args"][-6:] == [
        *("-c", "a.b=1"),
        *("-c", "max_connections=1"),
        *("-c", "work_mem=1"),
    ]


@pytest.mark.parametrize("component", [c.name for c in COMPONENTS.values() if c.optional])
def test_a_disabled_service_leaves_no_trace(make_inputs, component):
    spec = {"services": {component: {"enabled": False}}}
    rendered = render.render(make_inputs(spec))
    for entry in rendered:
        assert entry.component != component
        assert entry.body["metadata"]["labels"].get(labels.PROJECT_COMPONENT) != component
    claims = set(renderings.of_kind(rendered, "PersistentVolumeClaim"))
    files = set(renderings.of_kind(rendered, "ConfigMap"))
    for template in renderings.pods(rendered).values():
        for volume in template["spec"].get("volumes", ()):
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in claims
            if "configMap" in volume:
                assert volume["configMap"]["name"] in files


def test_paused_is_zero_pods_and_no_job(make_inputs):
    running = render.render(make_inputs({"services": {"auth": {"replicas": 3}}}))
    paused = render.render(make_inputs({"services": {"auth": {"replicas": 3}}, "paused": True}))
    assert {body["spec"]["replicas"] for body in renderings.workloads(paused).values()} == {0}
    assert "Job" not in by_kind(paused)
    assert Stage.INIT not in {entry.stage for entry in paused}
    before = renderings.pods(running)
    before.pop("init")
    assert renderings.pods(paused) == before


def test_replicas(make_inputs):
    rendered = render.render(make_inputs({"services": {"auth": {"replicas": 3}}}))
    workloads = renderings.workloads(rendered)
    workloads.pop("init")
    replicas = {name: body["spec"]["replicas"] for name, body in workloads.items()}
    assert replicas == dict.fromkeys(COMPONENTS, 1) | {"auth": 3}


def test_volumes(make_inputs):
    spec = {
        "database": {"managed": {"storage": {"size": "40960Mi", "className": "fast"}}},
        "storage": {"file": {"size": 10**10, "className": "big"}},
    }
    rendered = render.render(make_inputs(spec))
    claims = renderings.of_kind(rendered, "PersistentVolumeClaim")
    assert {
        name: (body["spec"].get("storageClassName"), body["spec"]["resources"]["requests"])
        for name, body in claims.items()
    } == {
        "shop-database": ("fast", {"storage": "40Gi"}),
        "shop-database-custom": ("fast", {"storage": "1Gi"}),
        "shop-storage": ("big", {"storage": "10G"}),
        "shop-snippets": (None, {"storage": "1Gi"}),
    }
    versions = {
        name: body["metadata"]["labels"].get(labels.POSTGRES_VERSION)
        for name, body in claims.items()
    }
    assert versions == dict.fromkeys(claims) | {"shop-database": "17"}


def test_the_init_job_is_named_after_its_content(make_inputs):
    def job(spec=None):
        [name] = renderings.of_kind(render.render(make_inputs(spec)), "Job")
        return name

    assert job() == job()
    assert job({"auth": {"jwtExpirySeconds": 60}}) != job()
    assert job({"services": {"database": {"image": "other:1"}}}) != job()
    # Neither changes what it does.
    assert job({"size": "2xlarge"}) == job()
    assert job({"services": {"database": {"resources": {}}}}) == job()


def test_no_secret_is_in_an_object_that_is_none(sample):
    values = {
        value
        for data in renderings.secrets(sample).values()
        for key, value in data.items()
        if key not in ("host", "port", "dbname", "username", "api-keys")
    }
    assert len(values) > 20
    for entry in render.render(sample):
        if entry.body["kind"] != "Secret":
            for text in renderings.texts(entry.body):
                assert not [value for value in values if value in text]
