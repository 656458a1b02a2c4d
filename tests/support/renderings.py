"""What a kubelet makes of rendered objects."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from supamanager_kube import kinds
from supamanager_operator.render import Rendered
from supamanager_operator.render.inputs import Inputs

Body = dict[str, Any]

_EXPANSION = re.compile(r"\$(\$|\([^)]*\)|)")


def workloads(rendered: list[Rendered]) -> dict[str, Body]:
    """Deployments, StatefulSets and the init Job by component."""
    return {
        body["metadata"]["labels"]["supamanager.io/component"]: body
        for body in (entry.body for entry in rendered)
        if kinds.of(body) in kinds.WORKLOADS
    }


def pods(rendered: list[Rendered]) -> dict[str, Body]:
    return {name: body["spec"]["template"] for name, body in workloads(rendered).items()}


def main_container(template: Body) -> Body:
    [container] = template["spec"]["containers"]
    return dict(container)


def of_kind(rendered: list[Rendered], kind: str) -> dict[str, Body]:
    return {
        entry.body["metadata"]["name"]: entry.body
        for entry in rendered
        if entry.body["kind"] == kind
    }


def secrets(inputs: Inputs) -> dict[str, Mapping[str, str]]:
    """The Secrets that are there before anything is rendered, by name."""
    return {
        f"{inputs.name}-{suffix}": getattr(inputs, suffix)
        for suffix in ("keys", "database", "dashboard", "internal")
    }


def expand(text: str, variables: Mapping[str, str]) -> str:
    """As Kubernetes expands arguments and values: `$$` is a dollar, an unknown name stays."""

    def replace(match: re.Match[str]) -> str:
        found = match[1]
        if found == "$":
            return "$"
        return variables.get(found[1:-1], match[0]) if found else "$"

    return _EXPANSION.sub(replace, text)


def environment(container: Body, inputs: Inputs) -> dict[str, str]:
    """The variables as the program sees them; a reference sees only those before it."""
    known = secrets(inputs)
    variables: dict[str, str] = {}
    for entry in container.get("env", ()):
        source = entry.get("valueFrom")
        if source is None:
            variables[entry["name"]] = expand(entry.get("value", ""), variables)
        elif "fieldRef" in source:
            variables[entry["name"]] = f"<{source['fieldRef']['fieldPath']}>"
        else:
            reference = source["secretKeyRef"]
            variables[entry["name"]] = known[reference["name"]][reference["key"]]
    return variables


def arguments(container: Body, inputs: Inputs) -> list[str]:
    variables = environment(container, inputs)
    return [expand(argument, variables) for argument in container.get("args", ())]


def scalars(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from scalars(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from scalars(inner, f"{path}[{index}]")
    else:
        yield path, value


def texts(body: Body) -> Iterator[str]:
    """Every text of an object, files decoded."""
    for path, value in scalars(body):
        encoded = path.startswith((".binaryData.", ".data.")) and body["kind"] != "Service"
        yield base64.b64decode(value).decode() if encoded else str(value)
