"""Blocks of documentation pages that are made from the code.

A block is what stands between `<!-- begin NAME: COMMAND -->` and `<!-- end NAME -->`; the rest of
the page is written by people. Without `--check` a module's command writes its blocks, with it the
command fails if one of them would change.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supamanager_dev.errors import DevError

DOCS: Final = Path(__file__).parents[2] / "docs"


class BlockMissing(DevError):
    """A page has not exactly one place for a block; names the page and the marks."""


@dataclass(frozen=True)
class Block:
    """`page` is a file of `docs/`; `make` gives the text without a line break at its end."""

    page: str
    name: str
    make: Callable[[], str]


def replace(text: str, block: Block, *, command: str) -> str:
    """The page with the block made anew.

    Raises:
        BlockMissing
    """
    begin = f"<!-- begin {block.name}: {command} -->"
    end = f"<!-- end {block.name} -->"
    parts = re.split(f"^{re.escape(begin)}$(?:.*?)^{re.escape(end)}$", text, flags=re.M | re.S)
    if len(parts) != 2:
        raise BlockMissing(f"docs/{block.page} must hold the lines {begin} and {end} once")
    return f"{parts[0]}{begin}\n\n{block.make()}\n\n{end}{parts[1]}"


def main(
    module: str, blocks: Iterable[Block], arguments: list[str] | None = None, *, docs: Path = DOCS
) -> int:
    """The command `python -m supamanager_dev.<module> [--check]`."""
    command = f"python -m supamanager_dev.{module}"
    listed = list(blocks)
    pages = ", ".join(f"docs/{page}" for page in dict.fromkeys(block.page for block in listed))
    parser = argparse.ArgumentParser(prog=command, description=f"writes blocks of {pages}")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    stale = False
    for block in listed:
        path = docs / block.page
        try:
            old = path.read_text(encoding="utf-8")
            new = replace(old, block, command=command)
        except (DevError, OSError) as error:
            print(f"{command}: {error}", file=sys.stderr)
            return 2
        if new == old:
            continue
        if options.check:
            stale = True
            print(
                f"docs/{block.page}: the block {block.name} is not what the code says now; "
                f"run {command}",
                file=sys.stderr,
            )
        else:
            path.write_text(new, encoding="utf-8")
    return 1 if stale else 0
