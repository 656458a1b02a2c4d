"""No command of the documentation is without somebody who runs it, or a reason why nobody can."""

from __future__ import annotations

import re
import subprocess
from collections import Counter

import pytest
import yaml

import doccommands

LANGUAGES = {"sh", "text", "yaml", "json", "python", "mermaid"}
ENTRY = "needs a place on a road in tests/support/doccommands.py, or in tests/docs/not-run.yaml"


def test_every_block_says_its_language():
    """`sh` is for commands, `text` for what is none of the others; an indented block says none."""
    strange = [
        f"{block.place}: {block.language or 'no language'}"
        for page in doccommands.pages()
        for block in doccommands.blocks(page)
        if block.language not in LANGUAGES
    ]
    assert not strange


def test_no_pipeline_stands_in_a_sentence():
    """There nobody runs it: it belongs into a block of `sh`."""
    found = [
        f"{place}: {text}"
        for page in doccommands.pages()
        for place, text in doccommands.inline_code(page)
        if " | " in text
    ]
    assert not found, "\n".join(found)


def test_projects_are_applied_server_side():
    """Else kubectl takes the defaults for its own, and Studio may not change them."""
    chart = doccommands.ROOT / "charts" / "supamanager" / "templates" / "NOTES.txt"
    told = {block.place: block.text for block in doccommands.all_commands()}
    told[chart.name] = chart.read_text(encoding="utf-8")
    applied = {
        f"{place}: {line.strip()}": "--server-side" in line
        for place, text in told.items()
        for line in text.splitlines()
        # Objects of Flux and Argo CD are nobody's in Studio.
        if re.search(r"kubectl .*\b(apply|create) .*-[fk] ", line) and "docs/gitops/" not in line
    }
    assert sum(place.startswith("NOTES") for place in applied) == 1
    assert [place for place, right in applied.items() if not right] == []


def test_every_command_is_run_or_says_why_not():
    listed = doccommands.entries()
    run = {block for road in doccommands.ROADS for block in doccommands.on_road(road)}
    left = [
        f"{block.place} {ENTRY}:\n{doccommands.suggestion(block)}"
        for block in doccommands.all_commands()
        if block not in run and not doccommands.entry_of(block, listed)
    ]
    assert not left, "\n".join(left)


def test_roads_lead_through_sections_that_have_commands():
    found = doccommands.all_commands()
    for road, parts in doccommands.ROADS.items():
        for page, section in parts:
            assert any(block.page == page and section in ("", block.section) for block in found), (
                f"{road}: {page}#{section} has no command"
            )


@pytest.mark.parametrize("entry", doccommands.entries(), ids=lambda entry: entry["begins"][:40])
def test_every_entry_is_about_one_block_and_its_commands(entry):
    """So a command that is added to a block is noticed as well."""
    assert entry.keys() <= {"page", "section", "begins", "commands", "needs", "run-by"}
    [block] = [
        block
        for block in doccommands.all_commands()
        if doccommands.entry_of(block, [entry]) is not None
    ]
    assert doccommands.commands(block.text) == entry["commands"]
    if "needs" in entry:
        assert entry["needs"] in doccommands.NEEDS
        assert "run-by" not in entry
    else:
        path, _, name = entry["run-by"].partition("::")
        text = (doccommands.ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), entry["run-by"]


def test_what_is_not_run_is_counted():
    counted = Counter(dict.fromkeys(doccommands.NEEDS, 0))
    for entry in doccommands.entries():
        if "needs" in entry:
            counted[entry["needs"]] += entry["commands"]
    head = yaml.safe_load(doccommands.NOT_RUN.read_text(encoding="utf-8"))["counts"]
    assert head == counted


def test_make_test_runs_every_folder_of_tests():
    """The bench measures, and `rbac` reads what the others have asked for, in a step of its own."""
    told = subprocess.run(
        ["make", "-n", "-o", ".venv/.ready", "test"],
        cwd=doccommands.ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    run = set(re.findall(r"tests/(\w+)", told))
    files = doccommands.ROOT.glob("tests/*/**/test_*.py")
    folders = {path.relative_to(doccommands.ROOT).parts[1] for path in files}
    assert folders
    assert folders - run == set()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("make up\n", 1),
        ("a \\\n  b\n# only a comment\nc\n", 2),
        ("cat <<'END'\none\ntwo\nEND\n", 1),
        ("f() {\n  a\n  b\n}\nf\n", 2),
        ("echo 'one\ntwo'\n", 1),
    ],
)
def test_commands_are_counted_as_bash_reads_them(text: str, count: int):
    assert doccommands.commands(text) == count
