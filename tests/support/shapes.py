"""A small notation for what a client reads of an answer, written as YAML next to the call.

A text is a type, alternatives are parted by `|`:

    int number bool string text(not empty) uuid url time(ISO 8601) jwt ref(of a project)
    object array any null, =value (exactly this)

    ~pattern (a whole text that matches) and @name (a named shape) stand alone

A mapping names the fields that must be there; other fields are not looked at. A name in
parentheses may be absent, and the name `@` adds the fields of a named shape. A list of one shape is
an array whose every element has it; each further shape must fit at least one element. An empty
list is an empty array.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

Shape = Any


class Unknown(Exception):
    """A shape names what the notation does not have."""


def problems(value: Any, shape: Shape, named: Mapping[str, Shape], path: str = "") -> list[str]:
    """Where the value is not as the shape says; empty if it fits."""
    return list(_problems(value, shape, named, path))


def _problems(value: Any, shape: Shape, named: Mapping[str, Shape], path: str) -> Iterator[str]:
    match shape:
        case str() if shape.startswith("@"):
            yield from _problems(value, _named(shape[1:], named), named, path)
        case str():
            kinds = [shape] if shape.startswith("~") else shape.split("|")
            if not any(_fits(value, kind) for kind in kinds):
                yield f"{path or 'the answer'} is {_shown(value)}, not {shape}"
        case dict():
            yield from _in_object(value, shape, named, path)
        case list():
            yield from _in_array(value, shape, named, path)
        case _:
            raise Unknown(f"{path}: {shape!r} is no shape")


def _in_object(
    value: Any, shape: Mapping[str, Shape], named: Mapping[str, Shape], path: str
) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path or 'the answer'} is {_shown(value)}, not an object"
        return
    own = {key.strip("()"): inner for key, inner in shape.items()}
    if "@" in shape:
        base = _named(shape["@"].removeprefix("@"), named)
        rest = {key: inner for key, inner in base.items() if key.strip("()") not in own}
        yield from _in_object(value, rest, named, path)
    for key, inner in shape.items():
        name = key.strip("()")
        place = f"{path}.{name}" if path else name
        if key == "@":
            continue
        if name in value:
            yield from _problems(value[name], inner, named, place)
        elif name == key:
            yield f"{place} is missing"


def _in_array(
    value: Any, shape: list[Shape], named: Mapping[str, Shape], path: str
) -> Iterator[str]:
    name = path or "the answer"
    if not isinstance(value, list):
        yield f"{name} is {_shown(value)}, not an array"
        return
    if not shape:
        if value:
            yield f"{name} is {_shown(value)}, not empty"
        return
    every, *some = shape
    for number, element in enumerate(value):
        yield from _problems(element, every, named, f"{path}[{number}]")
    for wanted in some:
        if not any(not problems(element, wanted, named) for element in value):
            yield f"{name} has no element like {_shown(wanted)}: {_shown(value)}"


def _named(name: str, named: Mapping[str, Shape]) -> Shape:
    if name not in named:
        raise Unknown(f"there is no shape named {name}")
    return named[name]


def _fits(value: Any, kind: str) -> bool:
    if kind.startswith("="):
        wanted = yaml.safe_load(kind[1:]) if not isinstance(value, str) else kind[1:]
        return bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)
    if kind.startswith("~"):
        return isinstance(value, str) and re.fullmatch(kind[1:], value) is not None
    if kind not in _TYPES:
        raise Unknown(f"{kind!r} is no type")
    return _TYPES[kind](value)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


def _url(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _time(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _jwt(value: Any) -> bool:
    try:
        return isinstance(value, str) and isinstance(claims(value), dict)
    except ValueError:
        return False


def claims(token: str) -> Any:
    """What a JWT says, unverified.

    Raises:
        ValueError: it has not the form of one.
    """
    _, payload, _ = token.split(".")
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "any": lambda value: True,
    "null": lambda value: value is None,
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": _number,
    "string": lambda value: isinstance(value, str),
    "text": lambda value: isinstance(value, str) and bool(value),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "uuid": _uuid,
    "url": _url,
    "time": _time,
    "jwt": _jwt,
    "ref": lambda value: isinstance(value, str) and re.fullmatch("[a-z]{20}", value) is not None,
}


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "…"
