"""Limits of amounts as people write them: a JSON object of Kubernetes quantities by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from supamanager_kube import quantities


def read(text: str) -> dict[str, Any]:
    """The object, not yet looked into.

    Raises:
        ValueError: says what is wrong.
    """
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise ValueError("must be a JSON object")
    return values


def changed(
    limits: Mapping[str, int | None],
    values: Mapping[str, Any],
    *,
    units: Mapping[str, int] | None = None,
) -> dict[str, int | None]:
    """`limits` with these values in place of their own; null takes a limit away.

    `units`: into how many parts of it one of a name is counted, if not as it is.

    Raises:
        ValueError: a name or a quantity is not known.
    """
    if unknown := sorted(set(values) - set(limits)):
        raise ValueError(f"{unknown[0]}: there is no such limit; there are {', '.join(limits)}")
    given = {
        name: _whole(name, value, (units or {}).get(name, 1)) for name, value in values.items()
    }
    return {**limits, **given}


def _whole(name: str, given: Any, unit: int) -> int | None:
    if given is None:
        return None
    try:
        amount = quantities.value(str(given)) * unit
    except ValueError:
        raise ValueError(f"{name}: {given!r} is no quantity") from None
    whole = isinstance(given, (int, str)) and not isinstance(given, bool)
    if not whole or amount.denominator != 1 or amount >= 2**63:
        raise ValueError(f"{name}: {given!r} is no quantity that can be counted")
    return int(amount)
