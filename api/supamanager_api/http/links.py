"""Links of the OpenAPI document: what an answer names, and the operations that take it.

Derived from the parameters of the operations, so a new route about a thing is linked by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True)
class Thing:
    """What the operation `source` makes or shows: parameter of others → where its answer has it.

    `target`: the one operation that is meant, where a parameter's name alone says too little;
    `body` is what of its answer goes into the body there.
    """

    source: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None
    body: Mapping[str, str] | None = None


_ID: Final = "$response.body#/id"
_SLUG: Final = "$response.body#/slug"
_REF: Final = "$response.body#/ref"

THINGS: Final = (
    Thing("create_organization", {"slug": _SLUG, "organization_slug": _SLUG}),
    Thing("create_organization", target="create_project", body={"organization_slug": _SLUG}),
    Thing("create_project", {"ref": _REF, "project_ref": _REF}),
    Thing("list_members", {"gotrue_id": "$response.body#/0/gotrue_id"}),
    Thing("invite_member", {"invitation_id": _ID}),
    Thing("create_access_token", {"token_id": _ID}),
    Thing("save_content", {"content_id": _ID}),
    Thing("save_content", {"ids": _ID}, target="delete_content"),
    Thing("create_content_folder", {"folder_id": _ID}),
    Thing("create_content_folder", {"ids": _ID}, target="delete_content_folders"),
    Thing("enrol_factor", {"factor_id": _ID}),
    Thing("challenge_factor", target="verify_factor", body={"challenge_id": _ID}),
)


def add(document: dict[str, Any]) -> None:
    """Write the links into the document."""
    operations = {
        operation["operationId"]: operation
        for methods in document["paths"].values()
        for operation in methods.values()
    }
    for thing in THINGS:
        source = operations[thing.source]
        links = _success(source).setdefault("links", {})
        for name, target in operations.items():
            if thing.target not in (None, name) or name == thing.source or not _linked(target):
                continue
            if link := _link(thing, source, target):
                links[name] = link


def _link(thing: Thing, source: dict[str, Any], target: dict[str, Any]) -> dict[str, Any] | None:
    """None if what the thing and the source's path tell is not enough, or nothing to the target."""
    inherited = {name: f"$request.path.{name}" for name in _names(source, "path")}
    known = {**inherited, **thing.parameters}
    needed = _names(target, "path")
    taken = [name for name in (*needed, *_names(target, "query")) if name in known]
    if not set(needed) <= set(known) or not (thing.body or set(taken) & set(thing.parameters)):
        return None
    return {
        "operationId": target["operationId"],
        "parameters": {name: known[name] for name in taken},
        **({"requestBody": dict(thing.body)} if thing.body else {}),
    }


def _linked(target: dict[str, Any]) -> bool:
    """Whether it is one of our own, of the present generation."""
    return not target.get("deprecated") and "2XX" not in target["responses"]


def _names(operation: dict[str, Any], place: str) -> list[str]:
    return [each["name"] for each in operation.get("parameters", ()) if each["in"] == place]


def _success(operation: dict[str, Any]) -> dict[str, Any]:
    responses: dict[str, dict[str, Any]] = operation["responses"]
    return next(told for status, told in responses.items() if status.startswith("2"))
