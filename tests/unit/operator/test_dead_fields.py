"""Every field of the spec changes something: what is rendered, or the decision it exists for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import crd
from builders import project
from supamanager_kube.project import parse
from supamanager_operator import choices, render
from supamanager_operator.claims import HostClaims
from supamanager_operator.credentials import database, jwt_keys, simple
from supamanager_operator.errors import Stalled
from supamanager_operator.render import releases
from supamanager_operator.render.inputs import Inputs
from supamanager_operator.secretstore import Secrets, SecretStore

KEYS = jwt_keys.complete("demo-keys", {})
DATABASE = database.complete("demo", "team", data={}, inputs={"database-password": "p"})
DASHBOARD = simple.complete("dashboard", "demo-dashboard", {})
INTERNAL = simple.complete("internal", "demo-internal", {})

SERVICE: dict[str, Any] = {
    "enabled": False,
    "image": "example.com/other:1",
    "replicas": 2,
    "resources.requests.cpu": "3",
    "resources.requests.memory": "3Gi",
    "resources.limits.cpu": "4",
    "resources.limits.memory": "4Gi",
    "env[].name": [{"name": "OTHER", "value": "x"}],
    "env[].value": [{"name": "PGRST_DB_MAX_ROWS", "value": "5"}],
    "env[].valueFrom.secretKeyRef.name": [
        {"name": "OTHER", "valueFrom": {"secretKeyRef": {"name": "mine", "key": "k"}}}
    ],
    "env[].valueFrom.secretKeyRef.key": [
        {"name": "OTHER", "valueFrom": {"secretKeyRef": {"name": "mine", "key": "other"}}}
    ],
    "nodeSelector{}": {"disk": "fast"},
    "tolerations[].key": [{"key": "a"}],
    "tolerations[].operator": [{"key": "a", "operator": "Exists"}],
    "tolerations[].value": [{"key": "a", "value": "b"}],
    "tolerations[].effect": [{"key": "a", "effect": "NoSchedule"}],
    "tolerations[].tolerationSeconds": [
        {"key": "a", "effect": "NoExecute", "tolerationSeconds": 5}
    ],
    "priorityClassName": "high",
}

CHANGED: dict[str, Any] = {
    "displayName": "Shop",
    "paused": True,
    "size": "large",
    "http.host": "shop.example",
    "auth.siteURL": "https://shop.example",
    "auth.redirectURLs[]": ["https://a.example/*"],
    "auth.jwtExpirySeconds": 60,
    "auth.disableSignup": True,
    "auth.email.enabled": False,
    "auth.email.autoconfirm": True,
    "auth.phone": True,
    "auth.anonymousUsers": True,
    "database.managed.postgresVersion": 15,
    "database.managed.storage.size": "77Gi",
    "database.managed.storage.className": "fast",
    "database.managed.parameters{}": {"work_mem": "8MB"},
    "storage.file.size": "77Gi",
    "storage.file.className": "fast",
    "storage.fileSizeLimit": 1,
    "storage.imageTransformation": False,
    "rest.schemas[]": ["api"],
    "rest.maxRows": 5,
    "rest.extraSearchPath[]": ["other"],
    "functions.verifyJWT": False,
    "studio.organizationName": "Blue",
    "studio.projectName": "Green",
    "network.policy": "Disabled",
    "network.databaseAllowedCIDRs[]": ["203.0.113.0/24"],
    "placement.nodeSelector{}": {"zone": "a"},
    "placement.tolerations[].key": [{"key": "a"}],
    "placement.tolerations[].operator": [{"key": "a", "operator": "Exists"}],
    "placement.tolerations[].value": [{"key": "a", "value": "b"}],
    "placement.tolerations[].effect": [{"key": "a", "effect": "NoSchedule"}],
    "placement.tolerations[].tolerationSeconds": [
        {"key": "a", "effect": "NoExecute", "tolerationSeconds": 5}
    ],
    "placement.topologySpread[].maxSkew": [{"topologyKey": "zone", "maxSkew": 3}],
    "placement.topologySpread[].topologyKey": [{"topologyKey": "zone"}],
    "placement.topologySpread[].whenUnsatisfiable": [
        {"topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
    ],
    "restart.at": "2026-05-01T12:00:00Z",
    "restart.services{}": {"rest": "2026-05-01T12:00:00Z"},
    **{f"services{{}}.{field}": value for field, value in SERVICE.items()},
}
"""A value other than the default for each field; the last named part is what is set."""

ALTERNATIVES: dict[str, Any] = {
    "env[].valueFrom.secretKeyRef.key": [
        {"name": "OTHER", "valueFrom": {"secretKeyRef": {"name": "mine", "key": "k"}}}
    ],
    "tolerations[].operator": [{"key": "a"}],
    "tolerations[].value": [{"key": "a"}],
    "tolerations[].effect": [{"key": "a"}],
    "tolerations[].tolerationSeconds": [{"key": "a", "effect": "NoExecute"}],
    "topologySpread[].maxSkew": [{"topologyKey": "zone"}],
    "topologySpread[].whenUnsatisfiable": [{"topologyKey": "zone"}],
    "env[].value": [{"name": "PGRST_DB_MAX_ROWS", "value": "6"}],
}
"""What to compare with, where the field alone is not a valid value of its list."""


def spec_with(path: str, value: Any) -> dict[str, Any]:
    """The spec in which the list, map or scalar at the path has this value."""
    spec: dict[str, Any] = {}
    node = spec
    parts = path.split(".")
    for index, part in enumerate(parts):
        name = part.removesuffix("[]").removesuffix("{}")
        if part == "services{}" and index < len(parts) - 1:
            node = node.setdefault("services", {}).setdefault("rest", {})
        elif part != name or index == len(parts) - 1:
            node[name] = value
            return spec
        else:
            node = node.setdefault(name, {})
    raise AssertionError(path)


def rendered(spec: dict[str, Any]) -> str:
    subject = project(spec)
    release = choices.release(subject, recorded=None)
    inputs = Inputs(
        project=subject,
        release=release,
        postgres_version=choices.postgres_version(subject, release, {}),
        keys=KEYS,
        database=DATABASE,
        dashboard=DASHBOARD,
        internal=INTERNAL,
    )
    return repr([entry.body for entry in render.render(inputs)])


@pytest.mark.parametrize("path", CHANGED)
def test_the_field_changes_what_is_rendered(path: str) -> None:
    base = next(
        (spec_with(path, value) for end, value in ALTERNATIVES.items() if path.endswith(end)), {}
    )
    assert rendered(spec_with(path, CHANGED[path])) != rendered(base)


def http_scheme() -> None:
    hosted = {"http": {"host": "shop.example"}}
    insecure = {"http": {"host": "shop.example", "scheme": "http"}}
    assert rendered(hosted) != rendered(insecure)


def version() -> None:
    with pytest.raises(Stalled):
        choices.release(project({"version": "1999.01"}), recorded=None)
    latest = releases.latest()
    assert choices.release(project({"version": latest}), recorded=None).version == latest


def inputs_revision() -> None:
    class Unused:
        pass

    store = SecretStore(Unused())  # type: ignore[arg-type]
    bodies = dict.fromkeys(("keys", "database", "dashboard", "internal", "gateway", "inputs"))
    with pytest.raises(Stalled, match="inputsRevision is 1"):
        store._check_presence(project({"inputsRevision": 1}), Secrets(bodies), has_data=False)
    store._check_presence(project({"inputsRevision": 0}), Secrets(bodies), has_data=False)


def http_host_claims() -> None:
    claims = HostClaims(domain_base="base.example")
    with pytest.raises(Stalled):
        claims.check(project({"http": {"host": "x.base.example"}}))


ELSEWHERE: dict[str, Callable[[], None] | str] = {
    "http.scheme": http_scheme,
    "version": version,
    "inputsRevision": inputs_revision,
    "deletionPolicy": "tests/apiserver/test_delete.py::test_the_policy_is_read_at_the_deletion",
    "deletionProtection": "tests/apiserver/test_protection.py::test_a_protected_project_stays",
}
"""Fields whose effect is not in a rendering by themselves: a proof, or the test that is one."""


@pytest.mark.parametrize("path", ELSEWHERE)
def test_the_field_decides_something_else(path: str) -> None:
    proof = ELSEWHERE[path]
    if isinstance(proof, str):
        file, _, name = proof.partition("::")
        assert f"def {name}(" in (crd.ROOT / file).read_text()
        metadata = {"name": "a", "namespace": "b", "uid": "c"}
        said = {"deletionPolicy": "Delete", "deletionProtection": True}
        kept = parse({"metadata": metadata, "spec": said})
        assert kept.spec.deletion_policy == "Delete"
        assert kept.spec.deletion_protection
    else:
        proof()


def test_a_host_is_claimed() -> None:
    http_host_claims()


def test_no_field_is_left_out() -> None:
    fields = set(crd.leaves(crd.schema()["properties"]["spec"]))
    assert fields == CHANGED.keys() | ELSEWHERE.keys()
