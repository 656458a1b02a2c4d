"""What is rendered is already in the form that the API server stores, and is admitted."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

import renderings
from supamanager_dev import samples
from supamanager_kube import quantities
from supamanager_operator import render
from supamanager_operator.render import releases

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane

SAMPLES = [(sample, version) for version in releases.versions() for sample in samples.SPECS]


def differences(rendered: Any, live: Any, path: str = "") -> list[str]:
    """Where the server's object has not what was rendered; it may have more fields."""
    if isinstance(rendered, dict) and isinstance(live, dict):
        return [
            difference
            for key, value in rendered.items()
            for difference in differences(value, live.get(key), f"{path}.{key}")
        ]
    if isinstance(rendered, list) and isinstance(live, list) and len(rendered) == len(live):
        return [
            difference
            for index, pair in enumerate(zip(rendered, live, strict=True))
            for difference in differences(*pair, f"{path}[{index}]")
        ]
    same = rendered == live and type(rendered) is type(live)
    return [] if same else [f"{path}: {rendered!r} became {live!r}"]


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


@pytest.mark.parametrize(("sample", "version"), SAMPLES)
def test_the_server_stores_what_was_rendered(
    control_plane: ControlPlane, namespace: str, sample: str, version: str
) -> None:
    bodies = [entry.body for entry in rendered_into(namespace, sample, version)]
    live = {
        (body["kind"], body["metadata"]["name"]): body
        for body in send(control_plane, namespace, bodies)
    }
    assert len(live) == len(bodies)
    found = {
        f"{body['kind']} {body['metadata']['name']}": differences(
            body, live[body["kind"], body["metadata"]["name"]]
        )
        for body in bodies
    }
    assert {name: where for name, where in found.items() if where} == {}


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
