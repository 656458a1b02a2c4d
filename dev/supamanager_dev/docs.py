"""`make docs`: every generated page and block, written or compared in one go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from supamanager_dev import (
    architecture,
    argocd,
    charts,
    conditions_table,
    crd_table,
    edges_table,
    generated,
    gitops_table,
    schema_table,
    settings_table,
    stack_table,
    studio_table,
    values_table,
)
from supamanager_dev.generated import Block

MODULES: Final[dict[str, tuple[Block, ...]]] = {
    "architecture": architecture.BLOCKS,
    "conditions_table": conditions_table.BLOCKS,
    "crd_table": crd_table.BLOCKS,
    "edges_table": edges_table.BLOCKS,
    "gitops_table": gitops_table.BLOCKS,
    "settings_table": settings_table.BLOCKS,
    "studio_table": studio_table.BLOCKS,
    "values_table": values_table.BLOCKS,
}
_PAGES: Final[tuple[Callable[[list[str]], int], ...]] = (stack_table.main, charts.main, argocd.main)
"""Commands that make a whole page or file."""


def run(*, check: bool) -> int:
    """The exit code: that of the worst; every one is run.

    The page of the schema needs a PostgreSQL. It is only written here; a test compares it.
    """
    arguments = ["--check"] if check else []
    codes = [generated.main(module, blocks, arguments) for module, blocks in MODULES.items()]
    codes += [page(arguments) for page in _PAGES]
    if not check:
        codes.append(schema_table.main([]))
    return max(codes)
