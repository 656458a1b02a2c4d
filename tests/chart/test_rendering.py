"""What the charts render, over a matrix of values, and that a real API server takes it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import rendering
import threats
from rendering import FOREIGN, MATRIX, NAMESPACE
from supamanager_api import settings as api
from supamanager_api.app import VITALS
from supamanager_api.metrics import Metrics
from supamanager_dev import charts, npm, rbac
from supamanager_dev.errors import HelmError
from supamanager_operator import metrics as operator_metrics
from supamanager_operator.settings import Settings as OperatorSettings

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane
    from supamanager_dev.helm import Helm

Documents = list[dict[str, Any]]

STUDIO = Path(__file__).parents[2] / "studio"
FILL_IN = """
    import { replacements } from "./placeholders.mjs";
    console.log(JSON.stringify(replacements(process.env)));
"""

ENFORCE = "pod-security.kubernetes.io/enforce"
INGRESS = {"ingress": {"enabled": True}}
ROUTE = {"route": {"enabled": True, "parentRefs": [{"name": "public"}]}}
STUDIO_IMAGE = {"studio": {"image": {"repository": "studio"}}}


@pytest.fixture(params=MATRIX, scope="module")
def values(request: pytest.FixtureRequest) -> dict[str, Any]:
    return MATRIX[request.param]


@pytest.fixture(scope="module")
def documents(helm: Helm, values: dict[str, Any]) -> Documents:
    return rendering.render(helm, values, tests=True)


def of_kind(documents: Documents, kind: str, name: str) -> dict[str, Any]:
    [found] = [d for d in documents if d["kind"] == kind and d["metadata"]["name"] == name]
    return found


def environment(spec: dict[str, Any]) -> dict[str, Any]:
    [container] = spec["containers"]
    variables = container.get("env", [])
    assert len({each["name"] for each in variables}) == len(variables)
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in variables}


def test_lint_finds_nothing(helm: Helm, values: dict[str, Any]):
    for chart in (charts.MAIN, charts.CRDS):
        given = values if chart == charts.MAIN else {}
        helm.run("lint", "--strict", str(chart), "--values", "-", stdin=json.dumps(given))


def test_objects_have_one_place_each_and_the_labels(documents: Documents):
    names = [(d["kind"], d["metadata"].get("namespace"), d["metadata"]["name"]) for d in documents]
    assert len(set(names)) == len(names)
    for document in documents:
        labels = document["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == "supamanager"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"


def test_labels_of_the_values_join_those_of_the_chart(helm: Helm):
    documents = rendering.render(helm, MATRIX["everything"])
    labels = of_kind(documents, "Namespace", rbac.PROJECTS_NAMESPACE)["metadata"]["labels"]
    assert labels["example.com/a"] == "b"
    assert labels["pod-security.kubernetes.io/warn"] == "baseline"
    assert labels[ENFORCE] == "baseline"


def test_a_key_that_is_there_twice_would_be_found():
    with pytest.raises(yaml.YAMLError, match=r"example\.com/a is there twice"):
        rendering.documents("metadata:\n  labels: {example.com/a: b, example.com/a: c}\n")


def test_the_data_of_the_database_are_on_its_volume_whatever_the_image_says(helm: Helm):
    """In a folder that does not change with the image: the one of the official image of 18."""
    spec = rendering.pods(rendering.render(helm, {}))["StatefulSet/database"]
    [container] = spec["containers"]
    claims = {volume["name"] for volume in spec["volumes"] if volume.get("persistentVolumeClaim")}
    [mount] = [each["mountPath"] for each in container["volumeMounts"] if each["name"] in claims]
    data = environment(spec)["PGDATA"]
    assert PurePosixPath(mount) in PurePosixPath(data).parents
    assert data == "/var/lib/postgresql/18/docker"
    assert container["image"].endswith("/postgres:18")


def test_no_secret_is_rendered(documents: Documents):
    assert all(document["kind"] != "Secret" for document in documents)
    for spec in rendering.pods(documents).values():
        for name, value in environment(spec).items():
            if re.search(r"SECRET|PASS|KEY", name) and name != "SUPAMANAGER_PLATFORM_SECRET":
                assert set(value) == {"secretKeyRef"}, name


def test_pods_keep_to_the_restricted_profile_and_have_limits(documents: Documents):
    found = rendering.pods(documents)
    assert {"Deployment/supamanager-operator", "Deployment/supa-manager"} <= set(found)
    for name, spec in found.items():
        agent = name == "DaemonSet/log-agent"
        folders = [volume["hostPath"] for volume in spec.get("volumes", ()) if "hostPath" in volume]
        assert bool(folders) is agent, "nobody else sees files of the node"
        if not agent:
            assert spec["securityContext"]["runAsNonRoot"] is True
            assert spec["securityContext"]["runAsUser"] > 100
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["enableServiceLinks"] is False
        if name not in ("Deployment/supamanager-operator", "Deployment/supa-manager"):
            assert spec["automountServiceAccountToken"] is agent
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert name == "Deployment/studio" or context["readOnlyRootFilesystem"] is True
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]


def test_the_page_on_security_names_the_pods_that_may_more(documents: Documents):
    """Who keeps less than the profile `restricted` and a read-only file system."""
    said = threats.paragraph("Pods")
    for name, spec in rendering.pods(documents).items():
        keeps = spec["securityContext"].get("runAsNonRoot") and all(
            container["securityContext"].get("readOnlyRootFilesystem")
            for container in spec["containers"]
        )
        folders = [volume for volume in spec.get("volumes", ()) if "hostPath" in volume]
        assert (f"`{name.partition('/')[2]}`" in said) is (not keeps or bool(folders)), name


def test_every_service_account_has_its_row_among_the_threats(documents: Documents):
    accounts = {d["metadata"]["name"] for d in documents if d["kind"] == "ServiceAccount"}
    assert accounts >= set(rbac.RULES)
    assert accounts - threats.names() == set()


def test_probes_services_and_policies_name_ports_that_there_are(documents: Documents):
    ports: dict[str, set[str]] = {}
    for document in documents:
        template = document.get("spec", {}).get("template")
        if not template:
            continue
        labels = template["metadata"]["labels"]
        assert document["spec"]["selector"]["matchLabels"] == labels
        [container] = template["spec"]["containers"]
        names = {port["name"] for port in container["ports"]}
        ports[json.dumps(labels, sort_keys=True)] = names
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            if http := container[probe].get("httpGet"):
                assert http["port"] in names
    for document in documents:
        spec = document.get("spec", {})
        if document["kind"] == "Service":
            for port in spec["ports"]:
                assert port["targetPort"] in ports[json.dumps(spec["selector"], sort_keys=True)]
        if document["kind"] == "NetworkPolicy":
            selected = ports[json.dumps(spec["podSelector"]["matchLabels"], sort_keys=True)]
            assert {port["port"] for rule in spec["ingress"] for port in rule["ports"]} <= selected
        if document["kind"] == "PodDisruptionBudget":
            assert json.dumps(spec["selector"]["matchLabels"], sort_keys=True) in ports


def test_the_services_have_the_names_and_ports_that_documents_promise(helm: Helm):
    documents = rendering.render(helm, MATRIX["everything"])
    found = {
        d["metadata"]["name"]: d["spec"]["ports"][0]["port"]
        for d in documents
        if d["kind"] == "Service"
    }
    assert found == {"supa-manager": 8080, "studio": 3000, "database": 5432} | {
        "supamanager-operator": 8081,
        "log-router": 8080,
    }


def test_both_programs_read_their_settings_from_the_pods(documents: Documents):
    pods = rendering.pods(documents)
    given = environment(pods["Deployment/supamanager-operator"])
    known = {f"SUPAMANAGER_{name.upper()}" for name in OperatorSettings.__dataclass_fields__}
    assert set(given) - known == {"POD_NAME"}
    operator = OperatorSettings.read({k: v for k, v in given.items() if isinstance(v, str)})

    given = environment(pods["Deployment/supa-manager"])
    known = {name.upper() for name in api.Settings.model_fields}
    assert set(given) - known <= {"DATABASE_PASSWORD"}
    for name, value in given.items():
        if not isinstance(value, str):
            given[name] = "postgresql://x" if name == "DATABASE_URL" else "aBcDeFgH" * 8
    configuration = api.read(given)
    assert operator.namespaces == configuration.watch_namespaces
    assert operator.domain_base == configuration.domain_base


@pytest.mark.parametrize(
    ("image", "workload"), [("operator", "supamanager-operator"), ("api", "supa-manager")]
)
def test_pods_agree_with_the_images_that_are_built_here(helm: Helm, image: str, workload: str):
    spec = rendering.pods(rendering.render(helm, {}))[f"Deployment/{workload}"]
    [container] = spec["containers"]
    recipe = (charts.ROOT / image / "Dockerfile").read_text()
    version = charts.product_version()
    assert container["image"] == f"supamanager-{image}:{version}"
    said = re.search(r"(?m)^USER (\d+):(\d+)$", recipe)
    assert said is not None
    assert [*map(int, said.groups())] == [
        spec["securityContext"]["runAsUser"],
        spec["securityContext"]["runAsGroup"],
    ]
    assert f"ENTRYPOINT {json.dumps(container['command'])}" in recipe
    built = subprocess.run(
        ["make", "-n", "images"], cwd=charts.ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "-t supamanager-$name:$version" in built


@pytest.mark.parametrize("name", ["default", "everything"])
def test_studio_fills_in_its_addresses_from_its_pod(helm: Helm, name: str):
    """By what its image does at the start, with the pod's environment and nothing else."""
    image = {"studio": {"image": {"repository": "studio", "tag": "1"}}}
    values = {**yaml.safe_load((charts.MAIN / "values.yaml").read_text()), **MATRIX[name]}
    spec = rendering.pods(rendering.render(helm, {**MATRIX[name], **image}))["Deployment/studio"]
    variables = environment(spec)
    filled = json.loads(
        subprocess.run(
            [npm.NODE, "--input-type=module", "--eval", FILL_IN],
            cwd=STUDIO,
            env=variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
    )
    scheme = values["studioURL"].partition(":")[0]
    sockets = {"http": "ws", "https": "wss"}[scheme]
    told = {
        "https://api.supamanager.invalid": values["apiURL"],
        "https://studio.supamanager.invalid": values["studioURL"],
        "https://*.projects.supamanager.invalid": f"{scheme}://*.{values['domain']}:*",
        "wss://*.projects.supamanager.invalid": f"{sockets}://*.{values['domain']}:*",
    }
    assert {text: value for text, value in filled if text in told} == told
    [port] = spec["containers"][0]["ports"]
    assert variables["PORT"] == str(port["containerPort"])


def test_rights_are_those_of_the_rule_lists(documents: Documents, values: dict[str, Any]):
    wide = values.get("watch", {}).get("clusterWide", False)
    for account, path in rbac.RULES.items():
        rules = rbac.load(path)
        bound = [
            d
            for d in documents
            if d["kind"].endswith("Binding")
            and d["subjects"]
            == [{"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}]
        ]
        found: dict[str | None, list[Any]] = {}
        for binding in bound:
            role = of_kind(
                [
                    d
                    for d in documents
                    if d["metadata"].get("namespace") == binding["metadata"].get("namespace")
                ],
                binding["roleRef"]["kind"],
                binding["roleRef"]["name"],
            )
            found.setdefault(binding["metadata"].get("namespace"), []).extend(role["rules"])
        watch = values.get("watch", {}).get("namespaces", [])
        projects = values.get("projectsNamespace", {}).get("name", rbac.PROJECTS_NAMESPACE)
        expected = {None: rules["clusterRole"] + (rules["projectsRole"] if wide else [])}
        expected |= {name: rules["projectsRole"] for name in [projects, *watch] if not wide}
        makes = values.get("secret", {}).get("create", True)
        expected[NAMESPACE] = [
            rule for rule in rules["ownRole"] if makes or rule["resources"] != ["secrets"]
        ]
        assert found == {place: list(each) for place, each in expected.items() if each}


def test_two_platforms_in_one_cluster_share_nothing(helm: Helm):
    """But the custom resource, and the namespace of projects unless it is given another name."""
    settings = ("--set", "projectsNamespace.name=other-projects")
    text = helm.run("template", "b", str(charts.MAIN), "--namespace", "other", *settings)
    ours = {
        (d["kind"], d["metadata"].get("namespace"), d["metadata"]["name"])
        for d in rendering.render(helm, {}, tests=True)
    }
    theirs = {
        (d["kind"], d["metadata"].get("namespace"), d["metadata"]["name"])
        for d in yaml.safe_load_all(text)
        if d
    }
    assert len(ours) == len(theirs) > 20
    assert not ours & theirs
    assert not re.search(
        r"namespace: \"?supamanager|supamanager/supamanager|supamanager-projects", text
    )


def test_what_must_outlive_the_release_is_kept(helm: Helm):
    documents = rendering.render(helm, {})
    kept = {
        d["kind"]
        for d in documents
        if (d["metadata"].get("annotations") or {}).get("helm.sh/resource-policy") == "keep"
    }
    assert kept == {"Namespace", "PersistentVolumeClaim"}
    namespace = of_kind(documents, "Namespace", "supamanager-projects")

    assert rbac.PROJECTS_LABELS.items() <= namespace["metadata"]["labels"].items()
    assert rbac.PROJECTS_ANNOTATIONS.items() <= namespace["metadata"]["annotations"].items()


def test_an_ingress_takes_its_hosts_from_the_addresses(helm: Helm):
    documents = rendering.render(helm, MATRIX["everything"])
    ingress = of_kind(documents, "Ingress", "supamanager")
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == [
        "api.example.com",
        "studio.example.com",
    ]
    assert ingress["spec"]["tls"] == [
        {"secretName": "certificate", "hosts": ["api.example.com", "studio.example.com"]}
    ]
    annotations = ingress["metadata"]["annotations"]
    assert annotations["cert-manager.io/cluster-issuer"] == "letsencrypt"
    assert annotations["example.com/timeout"] == "60"
    routes = rendering.render(helm, MATRIX["other controllers"])
    assert of_kind(routes, "HTTPRoute", "studio")["spec"]["hostnames"] == ["studio.example.com"]


def test_whoever_serves_goes_on_until_its_services_know_that_it_ends(documents: Documents):
    """And has time left for what it answers then."""
    for name, spec in rendering.pods(documents).items():
        if name not in ("Deployment/supa-manager", "Deployment/studio", "Deployment/log-router"):
            continue
        [container] = spec["containers"]
        seconds = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert seconds >= 5
        assert spec.get("terminationGracePeriodSeconds", 30) >= seconds + 20


def test_the_autoscaler_is_alone_in_choosing_replicas(helm: Helm):
    deployment = of_kind(
        rendering.render(helm, {"api": {"autoscaling": {"enabled": True}}}),
        "Deployment",
        "supa-manager",
    )
    assert "replicas" not in deployment["spec"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"api": {"settings": {"ALOW_SIGNUP": "true"}}}, "ALOW_SIGNUP"),
        ({"api": {"settings": {"SMTP_PASS": "in clear text"}}}, "SMTP_PASS"),
        ({"api": {"settings": {"JWT_SECRET": "in clear text"}}}, "JWT_SECRET"),
        ({"api": {"settings": {"SMTP_PORT": 25}}}, "SMTP_PORT"),
        ({"operator": {"settings": {"SUPAMANAGER_NAMESPACES": "*"}}}, "NAMESPACES"),
        ({"database": {"type": "external"}}, "name"),
        ({"database": {"type": "mysql"}}, "type"),
        ({"apiURL": "https://api.example.com/platform"}, "apiURL"),
        ({"domain": "https://example.com"}, "domain"),
        ({"route": {"enabled": True}}, "parentRefs"),
        ({"ingress": {"tls": {"issuer": {"name": "letsencrypt"}}}}, "secretName"),
        ({"ingress": {"enabled": True}, "route": {"enabled": True, "parentRefs": [{"name": "g"}]}},
         "at most one"),
        ({"replicas": 3}, "replicas"),
        ({"secret": {"name": "Foo_Bar"}}, "secret"),
        ({"api": {"settingsFrom": {"SMTP_PASS": {"name": "Mail", "key": "a"}}}}, "SMTP_PASS"),
        ({"projectsNamespace": {"name": NAMESPACE}}, "projectsNamespace.name"),
        ({"watch": {"namespaces": ["team-a", NAMESPACE]}}, "watch.namespaces"),
        ({"watch": {"namespaces": [f"{NAMESPACE}-logs"]}}, "logs.namespace.name"),
        ({"projectsNamespace": {"name": "a"}, "logs": {"namespace": {"name": "a"}}},
         "logs.namespace.name"),
        ({"logs": {"namespace": {"name": NAMESPACE, "create": False}}}, "logs.namespace.name"),
        ({"apiURL": "https://API.example.com"}, "apiURL"),
        ({"studioURL": "https://a..b"}, "studioURL"),
        ({"studioURL": "https://-a.example.com"}, "studioURL"),
        ({**INGRESS, "apiURL": "https://10.0.0.1"}, "apiURL"),
        ({**ROUTE, **STUDIO_IMAGE, "studioURL": "https://10.0.0.1"}, "studioURL"),
        ({**INGRESS, **STUDIO_IMAGE}, "apiURL and studioURL"),
        ({**ROUTE, **STUDIO_IMAGE}, "apiURL and studioURL"),
        ({**STUDIO_IMAGE, "apiURL": "https://platform.example.com"}, "apiURL"),
        ({**STUDIO_IMAGE, "studioURL": "https://studio.example.com"}, "apiURL"),
        ({**STUDIO_IMAGE, "studioURL": "http://studio.example.com:80"}, "studioURL"),
        ({"projectsNamespace": {"labels": {ENFORCE: "privileged"}}}, ENFORCE),
        ({"logs": {"namespace": {"labels": {ENFORCE: "restricted"}}}}, ENFORCE),
        ({"monitoring": {"dashboard": {"labels": {"helm.sh/chart": "other"}}}}, "helm.sh/chart"),
    ],
)  # fmt: skip
def test_wrong_values_are_refused_by_name(helm: Helm, wrong: dict[str, Any], named: str):
    with pytest.raises(HelmError, match=named):
        rendering.render(helm, wrong)


def test_alerts_and_dashboard_name_metrics_that_there_are():
    metrics = Metrics()
    for vital in VITALS:
        metrics.vital(vital, 1.0)
    known = {
        sample.name
        for registry in (metrics.registry, operator_metrics.REGISTRY)
        for family in registry.collect()
        for sample in (*family.samples, family)
    }
    known |= {f"{name}{end}" for name in known for end in ("_total", "_bucket")}
    files = charts.MAIN / "files"
    rules = yaml.safe_load((files / "rules.yaml").read_text())
    panels = json.loads((files / "dashboard.json").read_text())["panels"]
    expressions = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    expressions += [target["expr"] for panel in panels for target in panel["targets"]]
    named = set(re.findall(r"supamanager_\w+", " ".join(expressions)))
    assert len(named) > 8
    assert named <= known


def test_alerts_and_dashboard_tell_platforms_of_one_cluster_apart(helm: Helm):
    """Every series is chosen by its namespace, and so is every alert by who receives it."""
    documents = rendering.render(
        helm, {"monitoring": {"prometheusRule": {"enabled": True}, "dashboard": {"enabled": True}}}
    )
    groups = of_kind(documents, "PrometheusRule", "supamanager")["spec"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert {rule["labels"]["namespace"] for rule in rules} == {NAMESPACE}
    board = of_kind(documents, "ConfigMap", "supamanager-dashboard")["data"]["supamanager.json"]
    dashboard = json.loads(board)
    assert "namespace" in {variable["name"] for variable in dashboard["templating"]["list"]}
    targets = [target for panel in dashboard["panels"] for target in panel["targets"]]
    for asked, namespace in ((rules, NAMESPACE), (targets, "$namespace")):
        for each in asked:
            series = re.findall(r"supamanager_\w+(.{0,80})", each["expr"])
            assert series
            assert all(s.startswith(f'{{namespace="{namespace}"') for s in series), each["expr"]


def test_a_server_takes_everything(
    control_plane: ControlPlane, namespace: str, helm: Helm, values: dict[str, Any]
):
    """A dry run, so that nothing is left; every object in a namespace that there is."""

    documents = rendering.render(helm, values, tests=True)
    for document in documents:
        if "namespace" in document["metadata"]:
            document["metadata"]["namespace"] = namespace
    here = [d for d in documents if d["kind"] not in FOREIGN]
    assert {d["kind"]: d["apiVersion"] for d in documents if d not in here}.items() <= (
        FOREIGN.items()
    )
    crds = helm.run("template", "crds", str(charts.CRDS))
    here += [d for d in yaml.safe_load_all(crds) if d]
    bundle = {"apiVersion": "v1", "kind": "List", "items": here}
    said = control_plane.kubectl(
        *("apply", "--server-side", "--dry-run=server", "--validate=strict", "--force-conflicts"),
        *("--filename", "-"),
        stdin=json.dumps(bundle),
    )
    assert said.count("serverside-applied (server dry run)") == len(here)
