"""The real Helm."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supamanager_dev import helm as tool
from supamanager_dev.helm import Helm


@pytest.fixture(scope="session")
def helm(announce: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Without a cluster: it lints and renders."""
    return Helm(tool.ensure(announce), home=tmp_path_factory.mktemp("helm"))
