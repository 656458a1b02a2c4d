"""The commands of the documentation: where they stand, and who runs them.

A command stands in a fence of the language `sh`. Each such block is run by `tests/docs/`, on one of
ROADS, or has an entry in `tests/docs/not-run.yaml`, which says what it needs that is not here, or
which other test runs it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
NOT_RUN = ROOT / "tests" / "docs" / "not-run.yaml"

NEEDS = ("docker", "cloud", "controller", "itself")
"""Why a command is not run here: it needs containers, a cloud, or a third party's controller, or it
is what runs the tests."""

Part = tuple[str, str]
"""A page and a heading, as its anchor; an empty one is the whole page."""

ROADS: dict[str, tuple[Part, ...]] = {
    "helm": (
        ("docs/installation.md", "with-helm"),
        ("docs/installation.md", "the-secret-of-the-platform"),
        ("docs/operator.md", ""),
        ("README.md", "look-at-a-project-with-kubectl"),
        ("docs/networking.md", ""),
        ("docs/troubleshooting.md", ""),
        ("docs/organizations.md", ""),
        ("docs/audit.md", ""),
        ("docs/security.md", ""),
        ("docs/upgrade.md", "with-helm"),
        ("docs/upgrade.md", "did-it-work"),
        ("docs/recovery.md", ""),
        ("docs/uninstall.md", "remove-projects-first"),
        ("docs/uninstall.md", "with-helm"),
        ("docs/uninstall.md", "everything"),
    ),
    "kubectl": (
        ("docs/installation.md", "with-kubectl"),
        ("docs/installation.md", "with-kubectl-and-values-of-yours"),
        ("docs/installation.md", "the-replicas-of-the-api"),
        ("docs/installation.md", "the-first-project"),
        ("docs/upgrade.md", "with-kubectl"),
        ("docs/uninstall.md", "with-kubectl-or-kustomize"),
        ("docs/installation.md", "with-kustomize"),
        ("docs/upgrade.md", "with-kustomize"),
        ("docs/uninstall.md", "with-kubectl-or-kustomize"),
        ("docs/uninstall.md", "a-namespace-that-does-not-end"),
        ("docs/uninstall.md", "everything"),
    ),
}
"""What is read and done in this order, from an empty cluster on."""


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    section: str
    language: str
    text: str = field(repr=False)

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def first(self) -> str:
        return self.text.splitlines()[0] if self.text else ""


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def blocks(page: Path) -> Iterator[Block]:
    """Every block of code; one that is only indented has no language."""
    section = ""
    tokens = MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline" and before is not None and before.type == "heading_open":
            section = anchor(token.content)
        elif token.type in ("fence", "code_block"):
            assert token.map is not None
            yield Block(
                page.relative_to(ROOT).as_posix(),
                token.map[0] + 1,
                section,
                token.info.strip(),
                token.content,
            )


def inline_code(page: Path) -> Iterator[tuple[str, str]]:
    """Place and text of all that stands as code in a sentence or a table."""
    for token in MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8")):
        for child in token.children or ():
            if child.type == "code_inline":
                assert token.map is not None
                yield f"{page.relative_to(ROOT).as_posix()}:{token.map[0] + 1}", child.content


@cache
def all_commands() -> tuple[Block, ...]:
    return tuple(block for page in pages() for block in blocks(page) if block.language == "sh")


def on_road(road: str) -> list[Block]:
    """In the order in which they are run, those with an entry included."""
    found = all_commands()
    return [
        block
        for page, section in ROADS[road]
        for block in found
        if block.page == page and section in ("", block.section)
    ]


@cache
def entries() -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = yaml.safe_load(NOT_RUN.read_text(encoding="utf-8"))["blocks"]
    return listed


def entry_of(block: Block, listed: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The entry of a block. Of several with the same place the first is meant."""
    for entry in listed:
        if (entry["page"], entry["begins"]) == (block.page, block.first) and entry.get(
            "section", block.section
        ) == block.section:
            return entry
    return None


def suggestion(block: Block) -> str:
    """The entry that the block would have, to be put into NOT_RUN."""
    body = {"page": block.page, "begins": block.first, "commands": commands(block.text)}
    return yaml.safe_dump([body], sort_keys=False, width=1000) + "  needs: docker"


@cache
def commands(text: str) -> int:
    """How many commands a block has: lines that bash takes as whole, comments not counted."""
    count, part = 0, ""
    for line in text.splitlines():
        part += line + "\n"
        if line.endswith("\\"):
            continue
        parsed = subprocess.run(
            ["bash", "-n"], input=part, capture_output=True, text=True, check=False
        )
        # Of a document that has not ended bash only warns.
        if parsed.returncode == 0 and not parsed.stderr:
            count += any(each.strip() and each.strip()[0] != "#" for each in part.splitlines())
            part = ""
    assert not part.strip(), f"bash does not take this as commands:\n{part}"
    return count
