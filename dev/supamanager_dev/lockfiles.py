"""Files in the form of `requirements.lock`: packages with exact versions and their hashes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supamanager_dev.errors import DevError

_ENTRY: Final = re.compile(r"^\S.*(?:\n[ \t].*)*$", re.M)
_PIN: Final = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """`hashes` are SHA-256, one for each file of the version."""

    name: str
    version: str
    hashes: tuple[str, ...]


def read(path: Path) -> list[Pin]:
    """Raises DevError for a line that pins nothing."""
    found = []
    for entry in _ENTRY.findall(path.read_text(encoding="utf-8")):
        pin = _PIN.match(entry)
        hashes = tuple(_HASH.findall(entry))
        if pin is None or not hashes:
            raise DevError(f"{path}: {entry.splitlines()[0]!r} pins no version with hashes")
        found.append(Pin(pin[1], pin[2], hashes))
    return found
