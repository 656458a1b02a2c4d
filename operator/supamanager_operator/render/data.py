"""The files under `manifests/`: in the wheel, or in the checkout of an editable install.

Every file is read once in a process.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parents[1]
CHECKOUT: Final = _PACKAGE.parents[1]
"""The root of the source tree; meaningless in an installed wheel."""


@cache
def root() -> Path:
    """The folder `manifests`.

    Raises:
        FileNotFoundError: the package was built without its data.
    """
    for candidate in (_PACKAGE / "data" / "manifests", CHECKOUT / "manifests"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"no manifests beside the package {_PACKAGE}")


@cache
def text(name: str) -> str:
    """A file by its path below `manifests`."""
    return (root() / name).read_text(encoding="utf-8")


@cache
def folder(name: str) -> tuple[tuple[str, bytes], ...]:
    """The files directly in a folder below `manifests`, by name, in order."""
    paths = sorted(path for path in (root() / name).iterdir() if path.is_file())
    return tuple((path.name, path.read_bytes()) for path in paths)
