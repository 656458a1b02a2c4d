"""The table in `docs/studio.md`: what Studio needs of the API, and what proves each part of it."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from supamanager_dev import generated
from supamanager_dev.errors import DevError
from supamanager_dev.generated import Block

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "tests" / "studio"
MARKS: Final = ("must", "should", "may")
_NEEDED: Final = ("must", "should")


class ContractWrong(DevError):
    """A row or a step is not as it should be; names it."""


@dataclass(frozen=True)
class Row:
    """`steps` are the replayed ones by year; `missing` says why the API does not have it."""

    name: str
    mark: str
    title: str
    tests: tuple[str, ...]
    missing: str
    steps: Mapping[str, int]

    @property
    def proven(self) -> bool:
        return bool(self.steps or self.tests) and not self.missing


def rows(folder: Path = FOLDER) -> list[Row]:
    """The rows of the contract in their order.

    Raises:
        ContractWrong: a step names a row that there is not, a row is needed and not proven, or a
            named test does not exist.
    """
    table = yaml.safe_load((folder / "contract.yaml").read_text(encoding="utf-8"))
    steps = Counter(_steps(folder))
    if unknown := {name for name, _ in steps} - table.keys():
        raise ContractWrong(f"steps name rows that there are not: {', '.join(sorted(unknown))}")
    found = [_row(name, given, steps) for name, given in table.items()]
    for row in found:
        _check(row)
    return found


def table() -> str:
    """The sentence with the counts, then one line for each row."""
    found = rows()
    needed = [row for row in found if row.mark in _NEEDED]
    missing = [row for row in needed if row.missing]
    counts = Counter(row.mark for row in needed)
    lines = [
        f"{counts['must']} things are a must and {counts['should']} should be there; "
        f"{len(needed) - len(missing)} of these {len(needed)} are proven by a test, "
        f"{len(missing)} are not there, which a 404 says.",
        "",
        "| | Studio needs | | Proof |",
        "|---|---|---|---|",
    ]
    lines += [f"| {row.name} | {row.title} | {row.mark} | {_proof(row)} |" for row in found]
    return "\n".join(lines)


def _row(name: str, given: Mapping[str, Any], steps: Mapping[tuple[str, str], int]) -> Row:
    if unknown := given.keys() - {"mark", "title", "tests", "missing"}:
        raise ContractWrong(f"{name} says {', '.join(sorted(unknown))}, which nobody reads")
    return Row(
        name=name,
        mark=given["mark"],
        title=given["title"],
        tests=tuple(given.get("tests", ())),
        missing=given.get("missing", ""),
        steps={year: count for (row, year), count in sorted(steps.items()) if row == name},
    )


def _steps(folder: Path) -> Iterator[tuple[str, str]]:
    """Row and year of every replayed step."""
    for path in sorted((folder / "sequences").glob("*/*.yaml")):
        for step in yaml.safe_load(path.read_text(encoding="utf-8"))["steps"]:
            named = step["row"]
            for name in named if isinstance(named, list) else [named]:
                yield name, path.parent.name


def _check(row: Row) -> None:
    if row.mark not in MARKS:
        raise ContractWrong(f"{row.name}: {row.mark} is no mark")
    if row.mark in _NEEDED and not row.proven and not row.missing:
        raise ContractWrong(f"{row.name} must be proven, or say why it is missing")
    if row.tests and row.missing:
        raise ContractWrong(f"{row.name} has tests and cannot be missing")
    for test in row.tests:
        if not _exists(test):
            raise ContractWrong(f"{row.name} names {test}: there is no such test")


def _exists(test: str) -> bool:
    file, _, name = test.partition("::")
    path = ROOT / file
    if not path.is_file():
        return False
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(node, functions) and node.name == name for node in ast.walk(tree))


def _proof(row: Row) -> str:
    if row.missing:
        return f"not there: {row.missing}"
    parts = [f"{count} step{'s' * (count > 1)} of {year}" for year, count in row.steps.items()]
    return ", ".join([*parts, *(f"`{test}`" for test in row.tests)]) or "none"


BLOCKS: Final = (Block("studio.md", "contract", table),)

if __name__ == "__main__":
    sys.exit(generated.main("studio_table", BLOCKS))
