"""What passing tests have measured is printed once, from the workers of xdist too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[2] / "conftest.py"
TESTS = """
def test_first(figure):
    figure("6 reads")
    print("not this")

def test_second():
    pass
"""


@pytest.mark.parametrize("options", [["-n", "0"], ["-n", "1"]], ids=["alone", "workers"])
def test_figures_are_printed_after_the_last_test(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST.read_text())
    (tmp_path / "test_it.py").write_text(TESTS)
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.count("6 reads") == 1
    assert "test_it.py::test_first: 6 reads" in told.splitlines()
    assert "not this" not in told
