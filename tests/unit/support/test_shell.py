"""The shell of the documentation's tests: what a block leaves behind, and when it fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shell import CommandFailed, Shell


@pytest.fixture
def bash(tmp_path: Path) -> Iterator[Shell]:
    with Shell(tmp_path, {"PATH": os.environ["PATH"]}) as running:
        yield running


def test_variables_and_functions_stay(bash: Shell):
    bash.run('A=one\ntold() { echo "told $1"; }\n', timeout=10)
    bash.set("B", "it's two")
    assert bash.run('told "$A"; echo "$B"\n', timeout=10) == "told one\nit's two\n"


@pytest.mark.parametrize(
    "block",
    [
        "false\necho on\n",
        "echo x | false | cat\n",
        "f() { false; }\nf\necho on\n",
        "echo $NOWHERE\n",
        "exit 3\n",
        "nothing-of-this-name\necho on\n",
    ],
)
def test_any_command_that_fails_fails_its_block(bash: Shell, block: str):
    with pytest.raises(CommandFailed):
        bash.run(block, timeout=10)


def test_a_failure_is_told_with_its_command_and_what_it_printed(bash: Shell):
    with pytest.raises(CommandFailed, match=r"(?s)2 from ls /not-there.*not-there"):
        bash.run("echo before\nls /not-there\n", timeout=10)
    assert bash.run("echo after\n", timeout=10) == "after\n"


def test_a_block_that_does_not_end_is_ended(bash: Shell):
    with pytest.raises(CommandFailed, match="no end within"):
        bash.run("sleep 60\n", timeout=0.5)


def test_what_a_command_reads_is_not_the_script(bash: Shell):
    assert bash.run("cat\ncat <<'END'\ntext\nEND\n", timeout=10) == "text\n"
