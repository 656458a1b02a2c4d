"""Lua that the gateway's request-transformer evaluates for each request.

An expression stands between `$(` and `)`, whose end is found by counting parentheses, also those
within strings. A literal therefore writes every byte that is not plainly harmless as its number.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Final

_HARMLESS: Final = frozenset((string.ascii_letters + string.digits + "._-").encode())


@dataclass(frozen=True, kw_only=True)
class Swap:
    """Opaque keys and the token that the services see instead of any of them."""

    keys: tuple[str, ...]
    token: str


def literal(text: str) -> str:
    """A string literal without a byte that means something to Lua, to the template or to YAML."""
    return f"'{''.join(_byte(value) for value in text.encode())}'"


def authorization(*swaps: Swap) -> str:
    """An Authorization that is no opaque key stays; else the `apikey` decides."""
    kept = (
        "(headers.authorization ~= nil"
        f" and headers.authorization:sub(1, 10):lower() ~= {literal('bearer sb_')}"
        " and headers.authorization)"
    )
    return _first(kept, *_swapped("headers.apikey", swaps, scheme="Bearer "), "headers.apikey")


def socket_key(*swaps: Swap) -> str:
    """The key of a WebSocket: browsers can put it in the query only."""
    source = "(query_params.apikey or headers.apikey)"
    return _first(*_swapped(source, swaps), source)


def function_key(*swaps: Swap) -> str | None:
    """The token of an opaque `apikey`, for the function's own use; None if there can be none."""
    swapped = _swapped("headers.apikey", swaps)
    return _first(*swapped) if swapped else None


def drop_if_blank(header: str) -> str:
    """A function that takes a header away that an expression left without a value."""
    name = literal(header)
    return (
        f"local value = kong.request.get_header({name})\n"
        'if value == nil or value:find("^%s*$") then\n'
        f"  kong.service.request.clear_header({name})\n"
        "end\n"
    )


def _swapped(source: str, swaps: tuple[Swap, ...], *, scheme: str = "") -> list[str]:
    return [
        f"(({' or '.join(f'{source} == {literal(key)}' for key in swap.keys)})"
        f" and {literal(scheme + swap.token)})"
        for swap in swaps
        if swap.keys
    ]


def _first(*terms: str) -> str:
    return f"$({' or '.join(terms)})"


def _byte(value: int) -> str:
    # Three digits, or a digit that follows would belong to the number.
    return chr(value) if value in _HARMLESS else f"\\{value:03d}"
