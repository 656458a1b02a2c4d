"""Regions: names for where in the cluster a project's pods and volumes go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from pydantic.alias_generators import to_camel


@dataclass(frozen=True, kw_only=True)
class Region:
    code: str
    name: str
    node_selector: Mapping[str, str]
    storage_class: str | None = None

    def spec(self) -> dict[str, Any]:
        """The part of a project's spec that puts it into this region."""
        spec: dict[str, Any] = {}
        if self.node_selector:
            spec["placement"] = {"nodeSelector": dict(self.node_selector)}
        if self.storage_class:
            volume = {"className": self.storage_class}
            spec["database"] = {"managed": {"storage": volume}}
            spec["storage"] = {"file": volume}
        return spec


class _Entry(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    name: str
    node_selector: dict[str, str] = {}
    storage_class: str | None = None


class _Table(RootModel[dict[str, _Entry]]):
    pass


DEFAULT: Final = '{"mars-1": {"name": "Mars"}}'
"""One region without constraints."""


def parse(text: str) -> dict[str, Region]:
    """The regions of a JSON object `code: {name, nodeSelector, storageClass}`, in its order.

    Raises:
        ValueError: says what is wrong, without the rest of the text.
    """
    try:
        table = _Table.model_validate(json.loads(text)).root
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"REGIONS: {place or 'the value'}: {first['msg']}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"REGIONS is not JSON: {error}") from None
    if not table:
        raise ValueError("REGIONS names no region")
    return {
        code: Region(
            code=code,
            name=entry.name,
            node_selector=entry.node_selector,
            storage_class=entry.storage_class,
        )
        for code, entry in table.items()
    }


def find(regions: Mapping[str, Region], wanted: str | None) -> Region | None:
    """The region of this code or display name; the first one when none is wanted."""
    if not wanted:
        return next(iter(regions.values()))
    key = wanted.casefold()
    for region in regions.values():
        if key in (region.code.casefold(), region.name.casefold()):
            return region
    return None


ANYWHERE: Final = "any"
"""The code of the one group of regions: all of them."""


def group(regions: Mapping[str, Region], code: str) -> Region | None:
    """The region that a group stands for: the first one, as when none is wanted."""
    return find(regions, None) if code.casefold() == ANYWHERE else None


def locate(regions: Mapping[str, Region], node_selector: Mapping[str, str]) -> Region:
    """The region that a project with this node selector is in: the one that asks for most of it."""

    def shared(region: Region) -> int:
        asked = region.node_selector.items()
        return len(asked) if asked <= node_selector.items() else -1

    return max(regions.values(), key=shared)
