"""The table of what Studio needs: complete, and honest about what has no proof."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from supamanager_dev import studio_table
from supamanager_dev.studio_table import ContractWrong


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(studio_table.FOLDER, tmp_path / "studio")
    return tmp_path / "studio"


def change(folder: Path, name: str, **fields: object) -> None:
    path = folder / "contract.yaml"
    table = yaml.safe_load(path.read_text())
    table[name] = {**table.get(name, {"mark": "must", "title": "Something"}), **fields}
    path.write_text(yaml.safe_dump(table))


def test_all_that_studio_needs_is_proven_or_is_said_to_be_missing(
    figure: Callable[[str], None],
) -> None:
    needed = [row for row in studio_table.rows() if row.mark != "may"]
    missing = [row.name for row in needed if row.missing]
    figure(f"{len(needed) - len(missing)} of {len(needed)} rows of Studio's contract are proven")
    assert len(needed) > 120
    assert len(missing) <= 11


def test_a_row_without_a_proof_is_an_error(folder: Path) -> None:
    change(folder, "C.99/new")
    with pytest.raises(ContractWrong, match=r"C\.99/new"):
        studio_table.rows(folder)


def test_a_row_with_a_test_cannot_be_missing(folder: Path) -> None:
    change(folder, "C.11/upload", missing="not yet")
    with pytest.raises(ContractWrong, match=r"C\.11/upload"):
        studio_table.rows(folder)


def test_a_named_test_must_exist(folder: Path) -> None:
    change(folder, "C.2/profile", tests=["tests/unit/studio/test_contract.py::test_of_nobody"])
    with pytest.raises(ContractWrong, match="test_of_nobody"):
        studio_table.rows(folder)


def test_a_step_must_name_a_row(folder: Path) -> None:
    path = folder / "sequences" / "2026" / "01-sign-in.yaml"
    path.write_text(path.read_text().replace("C.2/flags", "C.2/flag"))
    with pytest.raises(ContractWrong, match=r"C\.2/flag"):
        studio_table.rows(folder)
