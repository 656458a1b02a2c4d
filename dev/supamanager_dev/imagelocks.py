"""`images/*.lock`: of the packages in `requirements.lock` those that an image needs.

`python -m supamanager_dev.imagelocks` writes them, with `--check` it compares. What depends on what
is read from the packages that are installed here.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from supamanager_dev.errors import DevError

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "images"
NEEDS: Final = {
    "operator": "supamanager[operator]",
    "api": "supamanager[api]",
    "build": "hatchling",
}
"""What each lock file is the closure of; `build` makes the wheel."""

_COMMAND: Final = "python -m supamanager_dev.imagelocks"
_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?")
_EXTRA: Final = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")
_ENTRY: Final = re.compile(r"^\S.*(?:\n[ \t].*)*$", re.M)


class NotLocked(DevError):
    """A package that an image needs is not in `requirements.lock`; names it."""


def texts() -> dict[str, str]:
    """The content of each lock file by its name.

    Raises:
        NotLocked
    """
    entries = {
        _name(text): text for text in _ENTRY.findall((ROOT / "requirements.lock").read_text())
    }
    return {
        name: "".join(f"{entries[each]}\n" for each in sorted(_closure(needed, entries.keys())))
        for name, needed in NEEDS.items()
    }


def _closure(requirement: str, locked: AbstractSet[str]) -> set[str]:
    """Markers of platforms are not looked at: pip does that with those in the lock file."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [requirement]
    while waiting:
        name, extras = _parts(waiting.pop())
        for extra in ("", *extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += _dependencies(name, extra)
        found.add(name)
    found.discard("supamanager")
    # What is neither locked nor here belongs to other versions of Python.
    if missing := {name for name in found - locked if _installed(name)}:
        raise NotLocked(f"requirements.lock has no {', '.join(sorted(missing))}")
    return found & locked


def _dependencies(name: str, extra: str) -> Iterator[str]:
    if not _installed(name):
        return
    for requirement in importlib.metadata.requires(name) or ():
        text, _, marker = requirement.partition(";")
        wanted = _EXTRA.findall(marker)
        if extra in wanted if extra else not wanted:
            yield text


def _installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _parts(requirement: str) -> tuple[str, list[str]]:
    found = _REQUIREMENT.match(requirement.strip())
    assert found is not None
    name, extras = found.groups()
    return _normal(name), [extra.strip() for extra in (extras or "").split(",") if extra.strip()]


def _name(entry: str) -> str:
    return _normal(entry.partition("==")[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog=_COMMAND, description="writes images/*.lock")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args(arguments).check
    stale = False
    for name, text in texts().items():
        path = FOLDER / f"{name}.lock"
        if path.exists() and path.read_text() == text:
            continue
        if check:
            stale = True
            print(
                f"images/{path.name} is not what requirements.lock says now; run {_COMMAND}",
                file=sys.stderr,
            )
        else:
            path.write_text(text)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
