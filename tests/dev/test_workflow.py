"""GitHub's workflow runs the README's commands, and the real actionlint finds nothing in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from supamanager_dev import actionlint, charts

ROOT = charts.ROOT
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
DOCUMENT = yaml.safe_load(WORKFLOW.read_text())


def lint(file: Path, announce: Callable[[str], None]) -> subprocess.CompletedProcess[str]:
    checker = Path(sys.executable).with_name("shellcheck")
    return subprocess.run(
        [actionlint.ensure(announce), "-no-color", "-shellcheck", checker, "-pyflakes=", file],
        env={**os.environ},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_actionlint_has_no_complaint(announce: Callable[[str], None]):
    done = lint(WORKFLOW, announce)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_would_find_a_mistake(tmp_path: Path, announce: Callable[[str], None]):
    file = tmp_path / "ci.yml"
    file.write_text(WORKFLOW.read_text().replace("github.ref }}", "github.reff }}"))
    done = lint(file, announce)
    assert done.returncode == 1
    assert 'property "reff" is not defined' in done.stdout


def commands(job: str) -> list[str]:
    return [step["run"] for step in DOCUMENT["jobs"][job]["steps"] if "run" in step]


def test_it_runs_what_the_readme_says():
    assert commands("readme") == ["make check", "make demo", "make test"]
    assert commands("kind")[0] == "make kind"
    assert commands("release") == ["make release"]
    assert DOCUMENT["jobs"]["release"]["needs"] == "readme"
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {
        target
        for job in DOCUMENT["jobs"]
        for command in commands(job)
        for target in re.findall(r"\bmake ([a-z-]+)", command)
    }
    assert called <= targets
    readme = (ROOT / "README.md").read_text()
    for target in ("up", "test", "kind"):
        assert f"make {target}" in readme


def test_every_action_is_named_by_a_commit_and_may_only_read():
    uses = re.findall(r"uses: (.+)", WORKFLOW.read_text())
    assert len(uses) > 8
    for each in uses:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each), each
    assert DOCUMENT["permissions"] == {"contents": "read"}
    for job in DOCUMENT["jobs"].values():
        assert "permissions" not in job
        assert job["timeout-minutes"] <= 150


@pytest.mark.parametrize("word", ["secrets.", "pull_request_target"])
def test_strangers_can_reach_nothing_by_it(word: str):
    assert word not in WORKFLOW.read_text()
