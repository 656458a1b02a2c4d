"""Slugs: the name of an organization in URLs and on resources, drawn once and never changed."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Final

_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike."""
_RANDOM: Final = 8
_LONGEST_NAME: Final = 40


def draw(name: str) -> str:
    """A new slug that resembles the name: a DNS label of at most 49 characters."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).lstrip("-0123456789")[:_LONGEST_NAME].strip("-")
    suffix = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return f"{words or 'org'}-{suffix}"
