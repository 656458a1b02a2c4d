"""Resource quantities: their value, and the one form that the API server stores.

The server rewrites `0.5` as `500m` and `1024Mi` as `1Gi`: a rendering that did not would look
different from the live object for ever.
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil
from typing import Final

_FORM: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-zA-Z]*)")
_BINARY: Final = {f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", 1)}
_DECIMAL: Final = {
    suffix: Fraction(1000) ** power
    for power, suffix in enumerate(("m", "", "k", "M", "G", "T", "P", "E"), -1)
}
_MILLI: Final = Fraction(1, 1000)


GIBI: Final = _BINARY["Gi"]


def value(quantity: str | int) -> Fraction:
    """In bytes, or in cores.

    Raises:
        ValueError: the text is no quantity.
    """
    match = _FORM.fullmatch(str(quantity))
    if not match or match[2] not in _BINARY | _DECIMAL:
        raise ValueError(f"not a quantity: {quantity!r}")
    # The server keeps nothing finer than a milli in a list of resources, and rounds up.
    return ceil(Fraction(match[1]) * (_BINARY | _DECIMAL)[match[2]] / _MILLI) * _MILLI


def canonical(quantity: str | int) -> str:
    """Raises ValueError as `value`."""
    text = str(quantity)
    amount = value(text)
    if amount == 0:
        return "0"
    whole = text.endswith("i") and amount >= 1024 and amount.denominator == 1
    stored = _shortest(amount, {"": Fraction(1)} | _BINARY if whole else _DECIMAL)
    # It keeps the digits of what needs no other unit, leading zeros included.
    return text if text.lstrip("0") == stored else stored


def _shortest(amount: Fraction, units: dict[str, Fraction]) -> str:
    """With the largest unit that leaves an integer."""
    for suffix, unit in sorted(units.items(), key=lambda item: -item[1]):
        mantissa = amount / unit
        if mantissa.denominator == 1:
            return f"{mantissa}{suffix}"
    raise AssertionError(f"{amount} is finer than the smallest unit")
