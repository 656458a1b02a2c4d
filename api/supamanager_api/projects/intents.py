"""Sparse documents and the fields in them, by the names that the API server uses.

An intent is what the management API has an opinion on: `{"spec": {"paused": true}}`. Fields are
written as in the server's conflicts and validation errors: `spec.paused`. A map is its fields;
anything else, lists included, is one field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Document = dict[str, Any]
Path = tuple[str, ...]


def name(path: Path) -> str:
    return ".".join(path)


def normal(field: str) -> str:
    """A field name of the API server, which begins some of them with a dot."""
    return field.removeprefix(".")


def leaves(document: Mapping[str, Any], prefix: Path = ()) -> Iterator[tuple[Path, Any]]:
    for key, value in document.items():
        path = (*prefix, key)
        if isinstance(value, Mapping) and value:
            yield from leaves(value, path)
        else:
            yield path, value


def fields(document: Mapping[str, Any]) -> set[str]:
    return {name(path) for path, _ in leaves(document)}


def touches(field: str, other: str) -> bool:
    """Whether one of the two fields is the other or lies in it."""
    short, long = sorted((field, other), key=len)
    return long == short or long.startswith((f"{short}.", f"{short}["))


def touch(field: str, others: Iterable[str]) -> bool:
    return any(touches(field, other) for other in others)


def build(entries: Iterable[tuple[Path, Any]]) -> Document:
    document: Document = {}
    for path, value in entries:
        node = document
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = value
    return document


def merged(document: Mapping[str, Any], change: Mapping[str, Any]) -> Document:
    """The document with the fields of the change in place of its own."""
    result = dict(document)
    for key, value in change.items():
        old = result.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            result[key] = merged(old, value)
        else:
            result[key] = value
    return result


def without(document: Mapping[str, Any], dropped: Iterable[str]) -> Document:
    """The document less the given fields, and less the maps that are empty then."""
    names = tuple(dropped)
    return build((path, value) for path, value in leaves(document) if not touch(name(path), names))


def only(document: Mapping[str, Any], kept: Iterable[str]) -> Document:
    """The given fields of the document."""
    names = tuple(kept)
    return build((path, value) for path, value in leaves(document) if touch(name(path), names))


def restored(document: Mapping[str, Any], taken_back: Iterable[str], *, to: Document) -> Document:
    """The document with the given fields as they are in `to`, or without them."""
    names = tuple(taken_back)
    return merged(without(document, names), only(to, names))


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The fields that one of two documents has and the other has not, or has otherwise."""
    old, new = dict(leaves(before)), dict(leaves(after))
    return {
        name(path)
        for path in old.keys() | new.keys()
        if path not in old or path not in new or old[path] != new[path]
    }
