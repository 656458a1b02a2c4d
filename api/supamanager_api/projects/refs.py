"""Refs of projects: names that people can read out, in the form that the official clients demand.

A ref is a row of dictionary words whose lengths add up to 20. Every row of words is equally
likely: lengths are not drawn first, since that would favour the words of rare lengths.
"""

from __future__ import annotations

import secrets
from functools import cache
from typing import Final

from supamanager_api.projects import words

LENGTH: Final = 20


@cache
def combinations(length: int) -> int:
    """How many rows of words have this many letters together."""
    if length == 0:
        return 1
    return sum(combinations(length - len(word)) for word in words.WORDS if len(word) <= length)


def draw() -> str:
    """A random ref; whether it is free is the database's to say."""
    ref = ""
    while len(ref) < LENGTH:
        rest = LENGTH - len(ref)
        ticket = secrets.randbelow(combinations(rest))
        for word in words.WORDS:
            share = combinations(rest - len(word)) if len(word) <= rest else 0
            if ticket < share:
                ref += word
                break
            ticket -= share
    return ref
