"""`docs/configuration.md`: every field of a `SupabaseProject`, from its definition."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from supamanager_dev import generated
from supamanager_dev.errors import DevError
from supamanager_dev.generated import Block

PATH: Final = Path(__file__).parents[2] / "crds" / "supamanager.io_supabaseprojects.yaml"

_IMMUTABLE: Final = "self == oldSelf"

Node = dict[str, Any]


class FieldWithoutMeaning(DevError):
    """Names the field that has no description."""


def spec() -> str:
    return _fields("spec")


def status() -> str:
    return _fields("status")


def rules() -> str:
    """What no bound of one field says: the rules and their messages."""
    lines = ["| Field | Rule |", "|---|---|"]
    for path, node in _walk(schema()):
        for rule in node.get("x-kubernetes-validations", ()):
            if rule["rule"] != _IMMUTABLE:
                where = f"{path}{rule.get('fieldPath', '')}".lstrip(".") or "the whole resource"
                lines.append(f"| {_code(where)} | {_cell(rule['message'])} |")
    return "\n".join(lines)


def schema() -> Node:
    [version] = yaml.safe_load(PATH.read_text(encoding="utf-8"))["spec"]["versions"]
    found: Node = version["schema"]["openAPIV3Schema"]
    return found


def _fields(part: str) -> str:
    lines = ["| Field | Type | Default | Bounds | Meaning |", "|---|---|---|---|---|"]
    for path, node in _walk(schema()["properties"][part], part):
        if path == part or path.endswith(("[]", "{}")):
            continue
        meaning = node.get("description")
        if not meaning:
            raise FieldWithoutMeaning(f"{PATH.name}: the field {path} has no description")
        cells = (_code(path), _type(node), _default(node), _bounds(node), meaning)
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines)


def _walk(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Every field; `[]` is an entry of a list, `{}` of a map."""
    yield path, node
    for name, child in node.get("properties", {}).items():
        if path or name in ("spec", "status"):
            yield from _walk(child, f"{path}.{name}" if path else name)
    for entry, mark in ((node.get("items"), "[]"), (node.get("additionalProperties"), "{}")):
        if isinstance(entry, dict):
            yield from _walk(entry, f"{path}{mark}")


def _type(node: Node) -> str:
    if node.get("x-kubernetes-int-or-string"):
        return "quantity"
    kind = str(node["type"])
    if kind == "array":
        return f"list of {_type(node['items'])}s"
    if kind == "object" and isinstance(entry := node.get("additionalProperties"), dict):
        return f"map of {_type(entry)}s"
    if kind == "object":
        return "block"
    return "time" if node.get("format") == "date-time" else kind


def _default(node: Node) -> str:
    if "default" not in node or node["default"] in ({}, []):
        return ""
    return _code(json.dumps(node["default"], ensure_ascii=False))


def _bounds(node: Node) -> str:
    found = [*_limits(node)]
    entry = node.get("items") or node.get("additionalProperties")
    if isinstance(entry, dict) and not entry.get("properties"):
        found += [f"each {limit}" for limit in _limits(entry)]
    validations = node.get("x-kubernetes-validations", ())
    if any(rule["rule"] == _IMMUTABLE for rule in validations):
        found.append("**immutable** once set")
    return "; ".join(found)


def _limits(node: Node) -> Iterator[str]:
    if "enum" in node:
        yield ", ".join(_code(str(value)) for value in node["enum"])
    low, high = node.get("minimum"), node.get("maximum")
    if low is not None and high is not None:
        yield f"{low} to {high}"
    elif low is not None:
        yield f"at least {low}"
    for key, text in (
        ("minLength", "at least {} characters"),
        ("maxLength", "at most {} characters"),
        ("minItems", "at least {} entries"),
        ("maxItems", "at most {} entries"),
        ("maxProperties", "at most {} entries"),
    ):
        if node.get(key, 1 if key.startswith("min") else None) not in (None, 1):
            yield text.format(node[key])
    if "pattern" in node:
        yield _code(node["pattern"])
    if not node.get("properties") and node.get("required"):
        yield f"needs {', '.join(node['required'])}"


def _code(text: str) -> str:
    return f"`{text}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|").replace("<name>", r"\<name>")


BLOCKS: Final = (
    Block("configuration.md", "spec", spec),
    Block("configuration.md", "rules", rules),
    Block("configuration.md", "status", status),
)

if __name__ == "__main__":
    sys.exit(generated.main("crd_table", BLOCKS))
