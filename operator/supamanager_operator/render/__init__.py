"""From the inputs of a project to its objects.

Rendering is pure: the same inputs give the same bytes. It reads nothing but the shipped files, and
those once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from supamanager_kube import kinds, labels, names, secrets
from supamanager_kube.components import COMPONENTS, Stage
from supamanager_operator.render import checksums, metadata, network, pods, templates, values
from supamanager_operator.render.inputs import Inputs

_KNOWN_SECRETS: Final = (secrets.KEYS, secrets.DATABASE, secrets.DASHBOARD, secrets.INTERNAL)


@dataclass(frozen=True)
class Rendered:
    stage: Stage
    component: str | None
    """None for what belongs to the project as a whole, the init Job included."""
    body: dict[str, Any]


def render(inputs: Inputs) -> list[Rendered]:
    """Every object of the project but the Secrets that are not derived, in the order in which
    they are to be applied."""
    rendered = [
        *_project_wide(inputs),
        *_init(inputs),
        *(
            entry
            for component in COMPONENTS
            if inputs.enabled(component)
            for entry in _component(inputs, component)
        ),
    ]
    contents = _contents(inputs, rendered)
    for entry in rendered:
        _complete(entry.body, inputs, contents=contents)
    return sorted(rendered, key=lambda entry: entry.stage)


def _project_wide(inputs: Inputs) -> list[Rendered]:
    bodies = templates.documents("project", values.context(inputs))
    bodies += network.policies(inputs)
    for body in bodies:
        selected = body.get("spec", {}).get("podSelector", {}).get("matchLabels", {})
        metadata.complete(body, inputs, component=selected.get(labels.PROJECT_COMPONENT))
    return [Rendered(Stage.DATABASE, None, body) for body in bodies]


def _init(inputs: Inputs) -> list[Rendered]:
    if inputs.project.spec.paused:
        return []
    bodies = templates.documents(values.INIT, values.context(inputs, values.INIT))
    for body in bodies:
        metadata.complete(body, inputs, component=values.INIT)
    return [Rendered(Stage.INIT, None, body) for body in bodies]


def _component(inputs: Inputs, component: str) -> list[Rendered]:
    context = values.context(inputs, component)
    bodies = templates.documents("service", context) + templates.documents(component, context)
    for body in bodies:
        metadata.complete(body, inputs, component=component)
    return [Rendered(COMPONENTS[component].stage, component, body) for body in bodies]


def _contents(inputs: Inputs, rendered: list[Rendered]) -> checksums.Contents:
    known = (inputs.keys, inputs.database, inputs.dashboard, inputs.internal)
    contents = {
        ("Secret", names.child(inputs.name, suffix)): data
        for suffix, data in zip(_KNOWN_SECRETS, known, strict=True)
    }
    for entry in rendered:
        body = entry.body
        if kinds.of(body) in (kinds.SECRET, kinds.CONFIG_MAP):
            data = body.get("data", {}) | body.get("binaryData", {})
            contents[body["kind"], body["metadata"]["name"]] = data
    return contents


def _complete(body: dict[str, Any], inputs: Inputs, *, contents: checksums.Contents) -> None:
    kind = kinds.of(body)
    if kind not in kinds.WORKLOADS:
        return
    component = body["metadata"]["labels"][labels.PROJECT_COMPONENT]
    release = inputs.release
    pods.complete_template(
        body["spec"]["template"],
        inputs,
        component=component,
        resources=(
            release.init
            if component == values.INIT
            else release.sizes[inputs.project.spec.size][component]
        ),
        contents=contents,
    )
    if kind is kinds.JOB:
        body["metadata"]["name"] = names.init_job(inputs.name, digest(body["spec"]))
    else:
        pods.complete_workload(body, inputs, component=component)


def digest(content: Any) -> str:
    """The hash of a part of a rendering."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
