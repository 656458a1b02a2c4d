"""What is rendered is already in the form that the API server stores, and is admitted."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

import renderings
from supamanager_dev import samples
from supamanager_kube import quantities
from supamanager_operator import comparison, render
from supamanager_operator.render import releases

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane

SAMPLES = [(sample, version) for version in releases.versions() for sample in samples.SPECS]


@dataclasses.dataclass
class Differences:
    """Between what was rendered and what the server answers: fields that it added, and anything
    else, in words."""

    added: dict[tuple[str, str], list[Any]] = dataclasses.field(default_factory=dict)
    """The values of each, by kind and path."""
    changed: list[str] = dataclasses.field(default_factory=list)

    def collect(self, rendered: Any, live: Any, *, kind: str, path: str = "") -> None:
        if isinstance(rendered, dict) and isinstance(live, dict):
            for key in rendered.keys() | live.keys():
                inner = f"{path}.{key}" if path else key
                if key not in rendered:
                    self.added.setdefault((kind, inner), []).append(live[key])
                elif key not in live:
                    self.changed.append(f"{kind} {inner}: {rendered[key]!r} is gone")
                else:
                    self.collect(rendered[key], live[key], kind=kind, path=inner)
        elif isinstance(rendered, list) and isinstance(live, list) and len(rendered) == len(live):
            for pair in zip(rendered, live, strict=True):
                self.collect(*pair, kind=kind, path=f"{path}[]")
        elif rendered != live or type(rendered) is not type(live):
            self.changed.append(f"{kind} {path}: {rendered!r} became {live!r}")


ANY: Final = object()


def allowed() -> dict[tuple[str, str], Any]:
    """The value, or ANY, of each field that the server may add."""
    entries = yaml.safe_load((Path(__file__).parent / "server-fields.yaml").read_text())
    assert all(entry["reason"] for entry in entries)
    fields = [
        ((kind, entry["path"]), entry.get("value", ANY))
        for entry in entries
        for kind in entry["kinds"]
    ]
    assert len(dict(fields)) == len(fields), "a field is listed twice"
    return dict(fields)


def send(control_plane: ControlPlane, namespace: str, bodies: list[dict[str, Any]]) -> Any:
    """The objects as the server would store them."""
    answer = control_plane.kubectl(
        *("-n", namespace, "apply", "--server-side", "--dry-run=server", "-f", "-", "-o", "json"),
        stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies}),
    )
    return json.loads(answer)["items"]


def rendered_into(namespace: str, sample: str, version: str) -> list[render.Rendered]:
    inputs = samples.inputs(sample, version)
    metadata = inputs.project.metadata.model_copy(update={"namespace": namespace})
    resource = inputs.project.model_copy(update={"metadata": metadata})
    return render.render(dataclasses.replace(inputs, project=resource))


def stored(
    control_plane: ControlPlane, namespace: str
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every object of every sample, and the server's answer to it."""
    for sample, version in SAMPLES:
        bodies = [entry.body for entry in rendered_into(namespace, sample, version)]
        live = {
            (body["kind"], body["metadata"]["name"]): body
            for body in send(control_plane, namespace, bodies)
        }
        assert len(live) == len(bodies)
        for body in bodies:
            yield body, live[body["kind"], body["metadata"]["name"]]


def test_the_server_stores_what_was_rendered_and_adds_what_is_listed(
    control_plane: ControlPlane, namespace: str
) -> None:
    found = Differences()
    for body, live in stored(control_plane, namespace):
        found.collect(body, live, kind=body["kind"])
        assert comparison.holds(live, body), body["metadata"]["name"]
    assert found.changed == []
    listed = allowed()
    assert {field: found.added[field] for field in found.added.keys() - listed.keys()} == {}
    assert listed.keys() - found.added.keys() == set(), "listed, but the server adds no such field"
    other = {
        field: value
        for field, values in found.added.items()
        for value in values
        if listed[field] is not ANY and listed[field] != value
    }
    assert other == {}


def test_the_comparison_knows_the_lists_and_objects_of_the_schema(
    control_plane: ControlPlane, namespace: str
) -> None:
    schema = json.loads(control_plane.kubectl("get", "--raw", "/openapi/v2"))["definitions"]
    roots = {
        (known["group"], known["version"], known["kind"]): definition
        for definition in schema.values()
        for known in definition.get("x-kubernetes-group-version-kind", ())
    }
    lists: dict[str, set[tuple[str, ...]]] = {}
    objects = set()

    def walk(value: Any, definition: dict[str, Any], path: str) -> None:
        if reference := definition.get("$ref"):
            definition = schema[reference.removeprefix("#/definitions/")] | definition
        if isinstance(value, list):
            mode = definition["x-kubernetes-list-type"]
            assert mode in ("atomic", "map"), path
            lists.setdefault(path, set()).add(
                tuple(definition["x-kubernetes-list-map-keys"]) if mode == "map" else ()
            )
            for entry in value:
                walk(entry, definition["items"], path)
        if not isinstance(value, dict):
            return
        if definition.get("x-kubernetes-map-type") == "atomic":
            objects.add(path)
        for key, inner in value.items():
            known = definition.get("properties", {}).get(key)
            below = known or definition["additionalProperties"]
            walk(inner, below, f"{path}.{key}" if path else key)

    for sample, version in SAMPLES:
        for entry in rendered_into(namespace, sample, version):
            group, _, api = entry.body["apiVersion"].rpartition("/")
            walk(entry.body, roots[group, api, entry.body["kind"]], "")

    maps = {path: keys for path, keys in lists.items() if keys != {()}}
    assert maps == {path: {keys} for path, keys in comparison.LIST_MAPS.items()}
    # Below an atomic list nothing has an owner of its own.
    atomic = tuple(f"{path}." for path in lists.keys() - maps.keys())
    left_out = {
        "metadata.ownerReferences",
        "spec.template.spec.containers.env.valueFrom.fieldRef",
    }
    inside = {path for path in objects if f"{path}.".startswith(atomic)}
    assert objects - inside - left_out == comparison.ATOMIC_OBJECTS


def test_pods_are_admitted_at_the_baseline_level(
    control_plane: ControlPlane, namespace: str
) -> None:
    rendered = rendered_into(namespace, "empty", releases.latest())
    control_plane.kubectl("-n", namespace, "create", "serviceaccount", "demo")
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, **template["metadata"]},
            "spec": template["spec"],
        }
        for name, template in renderings.pods(rendered).items()
    ]
    assert len(send(control_plane, namespace, pods)) == 13


QUANTITIES = [
    *(
        "0.5",
        "1000m",
        "1024Mi",
        "0.5Gi",
        "1.5Gi",
        "1.0001Ki",
        "1.5005Ki",
        "0.01Ki",
        "0.5Ki",
        "1500M",
        "0.0001",
        "7",
    ),
    *(
        "1000",
        "0010",
        "01000",
        "0010Mi",
        "00",
        "1.5G",
        "0.0000000001",
        "99999999999999999999",
        "1023Ki",
        "2048Gi",
    ),
]


def test_quantities_are_written_as_the_server_writes_them(
    control_plane: ControlPlane, namespace: str
) -> None:
    limits = [
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": f"q{number}"},
            "spec": {"hard": {"requests.memory": quantity}},
        }
        for number, quantity in enumerate(QUANTITIES)
    ]
    stored = [
        body["spec"]["hard"]["requests.memory"] for body in send(control_plane, namespace, limits)
    ]
    assert stored == [quantities.canonical(quantity) for quantity in QUANTITIES]
