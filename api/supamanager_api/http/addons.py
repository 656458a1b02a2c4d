"""A project's add-ons as Studio and Terraform read them: the size is the one there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from typing_extensions import TypedDict

from supamanager_api.projects import sizes
from supamanager_api.projects.model import ProjectRow

Variant = TypeVar("Variant")


class Selected(TypedDict, Generic[Variant]):
    type: str
    variant: Variant


class Available(TypedDict, Generic[Variant]):
    type: str
    name: str
    variants: list[Variant]


class AddOns(TypedDict, Generic[Variant]):
    selected_addons: list[Selected[Variant]]
    available_addons: list[Available[Variant]]


def listed(row: ProjectRow, variant: Callable[[str, str], Variant]) -> AddOns[Variant]:
    """`variant` makes the answer's form of one, of its name as an add-on and its size."""
    variants = {size: variant(name, size) for name, size in sizes.VARIANTS.items()}
    return {
        "selected_addons": [{"type": sizes.ADDON, "variant": variants[sizes.of(row)]}],
        "available_addons": [
            {
                "type": sizes.ADDON,
                "name": "Compute instance",
                "variants": list(variants.values()),
            }
        ],
    }
