"""The management API: accounts, organizations and projects over HTTP, kept in PostgreSQL."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

__version__: Final = version("supamanager")
