"""How hard a password is to guess: what the forms of Studio's 2024 generation ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

_JUDGED: Final = 24
"""The time that is taken grows fast with the length. A beginning is not harder to guess than the
whole, and this many random characters have the best score by far."""

_turn: Final = asyncio.Semaphore(1)
"""It is work for the processor, which requests beside it need as well."""


@dataclass(frozen=True)
class Strength:
    """`score` goes from 0 to 4: fewer than 10³, 10⁶, 10⁸ and 10¹⁰ guesses, and more."""

    score: int
    warning: str
    suggestions: tuple[str, ...]


async def judge(password: str, *, known: Sequence[str] = ()) -> Strength:
    """How a password withstands somebody who tries common words and patterns first, and what is
    `known` of the person."""
    async with _turn:
        found = await asyncio.to_thread(partial(_judge, password[:_JUDGED], known))
    feedback = found["feedback"]
    return Strength(found["score"], feedback["warning"], tuple(feedback["suggestions"]))


def _judge(password: str, known: Sequence[str]) -> dict[str, Any]:
    # The lists of words take 15 MiB, and most processes are never asked.
    from zxcvbn import zxcvbn

    result: dict[str, Any] = zxcvbn(password, user_inputs=list(known))
    return result
