"""`docs/configuration.md`: the values of the chart, from its values.yaml and their schema.

A value's meaning is the comment above it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, Final

import yaml

from supamanager_dev import charts, generated
from supamanager_dev.errors import DevError
from supamanager_dev.generated import Block

_WHOLE: Final = frozenset({"resources", "requests", "limits", "nodeSelector"})
"""Blocks that are Kubernetes' own, told as one value."""

Node = dict[str, Any]


class ValueWithoutSchema(DevError):
    """Names the value that values.schema.json does not know."""


def table() -> str:
    text = (charts.MAIN / "values.yaml").read_text(encoding="utf-8")
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    schema = json.loads((charts.MAIN / "values.schema.json").read_text(encoding="utf-8"))
    lines = ["| Value | Type | Default | Meaning |", "|---|---|---|---|"]
    for path, node, mark in _walk(root):
        found = _schema(schema, path)
        meaning = _comment(text.splitlines(), mark)
        default = _default(node, whole=path.rpartition(".")[2] in _WHOLE)
        kind = "" if _has_children(node, path) else _type(found)
        cells = (f"`{path}`", kind, default, meaning)
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines)


def _walk(node: yaml.MappingNode, path: str = "") -> Iterator[tuple[str, yaml.Node, yaml.Mark]]:
    """Path, value and the place of the key; blocks before what is in them."""
    for key, value in node.value:
        inner = f"{path}.{key.value}" if path else key.value
        yield inner, value, key.start_mark
        if isinstance(value, yaml.MappingNode) and _has_children(value, inner):
            yield from _walk(value, inner)


def _has_children(node: yaml.Node, path: str) -> bool:
    name = path.rpartition(".")[2]
    return isinstance(node, yaml.MappingNode) and bool(node.value) and name not in _WHOLE


def _schema(schema: Node, path: str) -> Node:
    found = schema
    for name in path.split("."):
        found = _resolved(schema, found).get("properties", {}).get(name) or _resolved(
            schema, found
        ).get("additionalProperties", {})
        if not isinstance(found, dict) or not found:
            raise ValueWithoutSchema(f"values.schema.json has no value {path}")
    return _resolved(schema, found)


def _resolved(schema: Node, node: Node) -> Node:
    if "$ref" in node:
        resolved: Node = schema["$defs"][node["$ref"].rpartition("/")[2]]
        return resolved
    return node


def _type(node: Node) -> str:
    if "enum" in node:
        return ", ".join(f"`{value}`" for value in node["enum"])
    kind = str(node.get("type", ""))
    kind = {"object": "map", "array": "list"}.get(kind, kind)
    if "minimum" in node and "maximum" in node:
        return f"{kind}, {node['minimum']} to {node['maximum']}"
    return f"{kind}, at least {node['minimum']}" if "minimum" in node else kind


def _default(node: yaml.Node, *, whole: bool) -> str:
    if isinstance(node, yaml.MappingNode) and node.value and not whole:
        return ""
    value = yaml.SafeLoader("").construct_object(node, deep=True)
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _comment(lines: list[str], mark: yaml.Mark) -> str:
    """The lines of comment directly above a key; none if the key stands inside a line."""
    found: list[str] = []
    line = mark.line
    if lines[line][: mark.column].strip():
        return ""
    while line and lines[line - 1].lstrip().startswith("#"):
        line -= 1
        found.insert(0, lines[line].lstrip()[1:].strip())
    return " ".join(found).replace("<", r"\<")


BLOCKS: Final = (Block("configuration.md", "values", table),)

if __name__ == "__main__":
    sys.exit(generated.main("values_table", BLOCKS))
