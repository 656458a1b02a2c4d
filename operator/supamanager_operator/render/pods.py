"""What all pods have in common, added to what the templates say of each."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from supamanager_kube import labels, quantities
from supamanager_kube.project import EnvVar, Model, Resources
from supamanager_operator.render import checksums, metadata
from supamanager_operator.render.inputs import Inputs
from supamanager_operator.render.templates import literal

_REVISIONS: Final = 3
"""How many old pod templates a workload keeps for a person to look at."""


def complete_workload(body: dict[str, Any], inputs: Inputs, *, component: str) -> None:
    """Replicas, selector and size of a Deployment or StatefulSet; its pods are completed apart."""
    body["metadata"]["labels"][labels.SIZE] = inputs.project.spec.size
    spec = body["spec"]
    replicas = inputs.service(component).replicas or 1
    spec["replicas"] = 0 if inputs.project.spec.paused else replicas
    spec["revisionHistoryLimit"] = _REVISIONS
    spec["selector"] = {"matchLabels": metadata.selector(inputs, component)}


def complete_template(
    template: dict[str, Any],
    inputs: Inputs,
    *,
    component: str,
    resources: Mapping[str, Any],
    contents: checksums.Contents,
) -> None:
    """Everything that a component's pod template does not say itself.

    `resources` is what the release gives each of its containers.
    """
    service = inputs.service(component)
    pod = template["spec"]
    pod["serviceAccountName"] = inputs.name
    pod["automountServiceAccountToken"] = False
    # Variables such as AUTH_PORT=tcp://… would be taken for settings by the programs.
    pod["enableServiceLinks"] = False
    pod.setdefault("securityContext", {}).setdefault("seccompProfile", {"type": "RuntimeDefault"})
    _place(pod, inputs, component=component)
    if service.resources is not None:
        resources = _resources(service.resources)
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        container["terminationMessagePolicy"] = "FallbackToLogsOnError"
        container.setdefault("securityContext", {}).setdefault("allowPrivilegeEscalation", False)
        if resources:
            container["resources"] = copy.deepcopy(dict(resources))
        if container["name"] == component:
            _merge_env(container, service.env)

    template["metadata"] = {"labels": metadata.pod_labels(inputs, component)}
    checksum = checksums.checksum(pod, contents, key=inputs.internal["secret-key-base"])
    annotations = {labels.CHECKSUM: checksum, labels.RESTARTED_AT: inputs.restart(component)}
    if told := {name: value for name, value in annotations.items() if value}:
        template["metadata"]["annotations"] = told


def _place(pod: dict[str, Any], inputs: Inputs, *, component: str) -> None:
    service, placement = inputs.service(component), inputs.project.spec.placement
    if node_selector := placement.node_selector | service.node_selector:
        pod["nodeSelector"] = node_selector
    tolerations = [_plain(entry) for entry in (*placement.tolerations, *service.tolerations)]
    if tolerations:
        pod["tolerations"] = [
            entry for index, entry in enumerate(tolerations) if entry not in tolerations[:index]
        ]
    if service.priority_class_name:
        pod["priorityClassName"] = service.priority_class_name
    if placement.topology_spread:
        pod["topologySpreadConstraints"] = [
            _plain(entry) | {"labelSelector": {"matchLabels": metadata.selector(inputs, component)}}
            for entry in placement.topology_spread
        ]


def _plain(model: Model) -> dict[str, Any]:
    """As the API server stores it."""
    return _without_blanks(model.model_dump(by_alias=True, exclude_none=True))


def _without_blanks(entry: dict[str, Any]) -> dict[str, Any]:
    """The API server stores no empty text."""
    return {field: value for field, value in entry.items() if value != ""}


def _resources(override: Resources) -> dict[str, Any]:
    """Instead of the release's as a whole: a request of one may exceed the limit of the other."""
    groups = {
        name: {resource: quantities.canonical(value) for resource, value in values.items()}
        for name, values in _plain(override).items()
    }
    return {name: values for name, values in groups.items() if values}


def _merge_env(container: dict[str, Any], overrides: list[EnvVar]) -> None:
    """A variable of the resource takes the place of the template's, or comes last. References
    to a replaced variable stay valid, since its place does not change."""
    variables = {entry["name"]: _without_blanks(entry) for entry in container.get("env", ())}
    for override in overrides:
        entry = _plain(override)
        if "value" in entry:
            entry["value"] = literal(entry["value"])
        variables[override.name] = entry
    if variables:
        container["env"] = list(variables.values())
