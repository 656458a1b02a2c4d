"""The chain: what each entry's hash is made of, and how a log that was tampered with shows.

A chain alone cannot show that it was written anew from some entry on. Whoever wants to know keeps
the position and hash of an entry elsewhere, as an export does, and expects them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from supamanager_api.audit.model import LinkRow

START: Final = bytes(32)
"""What the first entry's hash builds on."""

_LINE: Final = re.compile(
    r'\{"position": (\d{1,18}), "occurred_at": "([-:.\dTZ]+)", '
    r'"previous_hash": "([0-9a-f]{64})", "hash": "([0-9a-f]{64})", "entry": (\{.*\})\}'
)


class Broken(Exception):
    """The text names the entry."""


@dataclass(frozen=True)
class Link:
    position: int
    occurred_at: str
    text: str
    previous_hash: bytes
    hash: bytes

    @classmethod
    def of(cls, row: LinkRow) -> Self:
        return cls(row.position, _instant(row.occurred_at), row.text, row.previous_hash, row.hash)

    @classmethod
    def parse(cls, line: str) -> Self:
        """Raises Broken."""
        match = _LINE.fullmatch(line)
        if match is None:
            raise Broken(f"this line is no entry: {line[:80]}")
        position, occurred_at, previous, own, text = match.groups()
        return cls(int(position), occurred_at, text, bytes.fromhex(previous), bytes.fromhex(own))

    def line(self) -> str:
        """As JSON; the entry's own text is kept, since the hash is of it."""
        head = {
            "position": self.position,
            "occurred_at": self.occurred_at,
            "previous_hash": self.previous_hash.hex(),
            "hash": self.hash.hex(),
        }
        return f'{json.dumps(head)[:-1]}, "entry": {self.text}}}'

    def computed(self) -> bytes:
        """The hash that the content has."""
        content = f"{self.position} {self.occurred_at} {self.text}".encode()
        return hashlib.sha256(self.previous_hash + content).digest()


@dataclass(frozen=True)
class Mark:
    """An entry as it was known before."""

    position: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.hash.hex()}"


class Verifier:
    """Takes the entries of a whole log in order."""

    def __init__(self, expected: Iterable[Mark] = ()) -> None:
        self._expected = {mark.position: mark for mark in expected}
        self.last = Mark(0, START)

    def add(self, link: Link) -> None:
        """Raises Broken."""
        if link.position > self.last.position + 1:
            raise Broken(f"entry {self.last.position + 1} is missing")
        if link.position <= self.last.position:
            raise Broken(f"entry {link.position} is out of order")
        if link.computed() != link.hash:
            raise Broken(f"entry {link.position} was changed")
        if link.previous_hash != self.last.hash:
            raise Broken(f"entry {link.position} does not follow entry {self.last.position}")
        self.last = Mark(link.position, link.hash)
        if self._expected.pop(link.position, self.last) != self.last:
            raise Broken(f"entry {link.position} is not the one that was expected")

    def finish(self, head: Mark | None = None) -> None:
        """The log ends here, and where its head says.

        Raises:
            Broken
        """
        if head is not None and head != self.last:
            raise Broken(f"entry {self.last.position + 1} is missing, or the head was changed")
        if self._expected:
            raise Broken(f"entry {min(self._expected)} is expected and missing")


def _instant(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
