"""What `docs/security.md` says of stolen credentials."""

from __future__ import annotations

import re

from doccommands import ROOT

_PAGE = ROOT / "docs" / "security.md"
_TABLE = re.compile(r"^## What a stolen credential opens\n\n((?:\|.*\n)+)", re.MULTILINE)


def names() -> set[str]:
    """What the first column of the table names as code."""
    table = _TABLE.search(_PAGE.read_text(encoding="utf-8"))
    assert table is not None
    _, _, *rows = table[1].splitlines()
    for row in rows:
        assert len(row.split(" | ")) == 4, f"no row of four cells: {row}"
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row.split(" | ")[0])}


def paragraph(begins: str) -> str:
    """The one that begins with this word in bold."""
    text = _PAGE.read_text(encoding="utf-8")
    [found] = [each for each in text.split("\n\n") if each.startswith(f"**{begins}**")]
    return found
