"""The CRD and its typed model hold each other to account, field by field."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

import crd
from supamanager_kube import labels
from supamanager_kube.components import COMPONENTS
from supamanager_kube.project import Spec, Status, parse


def models_of(annotation: Any) -> Iterator[tuple[str, Any]]:
    """How an annotation nests: ("" | "[]" | "{}", inner type)."""
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            if part is not type(None):
                yield from models_of(part)
    elif origin is list:
        yield "[]", typing.get_args(annotation)[0]
    elif origin is dict:
        yield "{}", typing.get_args(annotation)[1]
    else:
        yield "", annotation


def model_leaves(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for field in model.model_fields.values():
        name = f"{path}.{field.alias}" if path else str(field.alias)
        for suffix, inner in models_of(field.annotation):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from model_leaves(inner, f"{name}{suffix}")
            else:
                yield f"{name}{suffix}"


def node_at(path: str) -> dict[str, Any]:
    node = crd.schema()
    for part in path.split("."):
        name = part.removesuffix("[]").removesuffix("{}")
        node = node["properties"][name]
        if part.endswith("[]"):
            node = node["items"]
        elif part.endswith("{}"):
            node = node["additionalProperties"]
    return node


@pytest.mark.parametrize(("block", "model"), [("spec", Spec), ("status", Status)])
def test_schema_and_model_have_the_same_fields(block: str, model: type[BaseModel]) -> None:
    in_schema = set(crd.leaves(crd.schema()["properties"][block]))
    assert in_schema == set(model_leaves(model))


def objects(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, child in node.get("properties", {}).items():
        where = f"{path}.{name}" if path else name
        yield where, child
        yield from objects(child, where)
    for key, suffix in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(inner := node.get(key), dict):
            yield f"{path}{suffix}", inner
            yield from objects(inner, f"{path}{suffix}")


ALL = list(objects(crd.schema()["properties"]["spec"], "spec"))


def defaulted(node: dict[str, Any]) -> Any:
    """What the API server makes of an absent value."""
    value = node.get("default")
    if isinstance(value, dict):
        value = dict(value)
        for name, child in node.get("properties", {}).items():
            if name not in value and "default" in child:
                value[name] = defaulted(child)
    return value


def test_the_models_defaults_are_the_schemas() -> None:
    stored = defaulted(crd.schema()["properties"]["spec"])
    metadata = {"name": "a", "namespace": "b", "uid": "c"}
    assert parse({"metadata": metadata, "spec": stored}).spec == Spec()
    assert parse({"metadata": metadata}).spec == Spec()


def test_what_a_status_cannot_be_is_as_if_it_were_not_there() -> None:
    at = "2026-01-01T00:00:00Z"
    good = {"type": "Ready", "status": "True", "reason": "Active", "lastTransitionTime": at}
    status = {
        "observedGeneration": 3,
        "conditions": [good, {**good, "lastTransitionTime": "2026-01-01t00:00:00+99:99"}],
        "components": [
            {"name": "auth"},
            {"name": "rest", "replicas": 1, "readyReplicas": 1, "version": "1"},
        ],
        "apiKeys": [{"id": "x"}],
        "endpoints": {"api": 5},
        "summary": "12/12",
    }
    metadata = {"name": "a", "namespace": "b", "uid": "c"}
    read = parse({"metadata": metadata, "status": status}).status
    assert [condition.type for condition in read.conditions] == ["Ready"]
    assert [component.name for component in read.components] == ["rest"]
    assert (read.api_keys, read.endpoints.api) == ([], None)
    assert (read.observed_generation, read.summary) == (3, "12/12")


def test_choices_and_releases_have_no_default() -> None:
    for path in ("spec.version", "spec.database.managed", "spec.storage.file"):
        assert "default" not in node_at(path)
    assert "default" not in node_at("spec.database.managed.postgresVersion")
    services = node_at("spec.services{}")
    assert not [path for path, node in objects(services, "") if "default" in node]


@pytest.mark.parametrize(("path", "node"), ALL, ids=[path for path, _ in ALL])
def test_every_field_is_bounded(path: str, node: dict[str, Any]) -> None:
    """The cost of a rule cannot be estimated without bounds."""
    kind = node.get("type")
    if kind == "string" and "enum" not in node:
        assert "maxLength" in node
    if kind == "array":
        assert "maxItems" in node
        assert "x-kubernetes-list-type" in node
    if kind == "object" and "additionalProperties" in node:
        assert "maxProperties" in node
    if kind == "integer" and "enum" not in node:
        assert "format" in node
    if node.get("x-kubernetes-int-or-string"):
        assert "pattern" in node


def test_every_named_field_of_the_spec_is_described() -> None:
    nested = ("env[].", "tolerations[].", "topologySpread[].", "requests", "limits")
    bare = [
        path
        for path, node in ALL
        if "description" not in node
        and not path.endswith(("[]", "{}"))
        and not any(part in path for part in nested)
    ]
    assert bare == []


def test_identity_matches_the_table() -> None:
    spec = crd.document()["spec"]
    assert spec["group"] == labels.GROUP
    assert spec["names"]["kind"] == labels.KIND
    assert spec["names"]["plural"] == labels.PLURAL
    assert spec["versions"][0]["name"] == labels.VERSION
    assert crd.FILE.stat().st_size < 200_000


@pytest.mark.parametrize("path", ["spec.services", "spec.restart.services"])
def test_the_service_keys_are_the_components(path: str) -> None:
    rule = node_at(path)["x-kubernetes-validations"][0]
    assert all(f"'{name}'" in rule["rule"] and name in rule["message"] for name in COMPONENTS)
    assert rule["rule"].count("'") == 2 * len(COMPONENTS)


def test_columns() -> None:
    columns = crd.document()["spec"]["versions"][0]["additionalPrinterColumns"]
    shown = [c["name"] for c in columns if not c.get("priority")]
    wide = [c["name"] for c in columns if c.get("priority")]
    assert shown == ["Ready", "Reason", "Services", "Version", "Age"]
    assert wide == ["URL", "Message"]
