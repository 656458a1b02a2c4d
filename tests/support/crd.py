"""The schema of the CustomResourceDefinition, as tests look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "crds" / "supamanager.io_supabaseprojects.yaml"


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return loaded


def schema() -> dict[str, Any]:
    found: dict[str, Any] = document()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return found


def leaves(node: dict[str, Any], path: str = "") -> Iterator[str]:
    """Paths of all fields that hold a value; `[]` is an entry of a list, `{}` of a map."""
    if node.get("properties"):
        for name, child in node["properties"].items():
            yield from leaves(child, f"{path}.{name}" if path else name)
    elif node.get("type") == "array":
        yield from leaves(node["items"], f"{path}[]")
    elif isinstance(extra := node.get("additionalProperties"), dict):
        yield from leaves(extra, f"{path}{{}}")
    else:
        yield path
