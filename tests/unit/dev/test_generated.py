"""The generators of documentation: what they replace, and when their check fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from supamanager_dev import __main__, architecture, conditions_table, generated, settings_table
from supamanager_dev import docs as all_pages
from supamanager_dev.architecture import Group, GroupTableWrong
from supamanager_dev.generated import Block
from supamanager_kube.conditions import REASONS
from supamanager_operator import settings

BLOCK = Block("page.md", "thing", lambda: "new")
PAGE = """before
<!-- begin thing: python -m supamanager_dev.maker -->

old

<!-- end thing -->
after
"""


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "page.md").write_text(PAGE)
    return tmp_path


def run(docs: Path, *arguments: str) -> int:
    return generated.main("maker", [BLOCK], list(arguments), docs=docs)


def test_only_the_block_is_replaced(docs: Path):
    assert run(docs) == 0
    assert (docs / "page.md").read_text() == PAGE.replace("old", "new")


def test_the_check_fails_until_the_block_is_written(docs: Path, capsys: pytest.CaptureFixture[str]):
    assert run(docs, "--check") == 1
    assert (docs / "page.md").read_text() == PAGE
    said = capsys.readouterr().err
    assert "docs/page.md" in said
    assert "run python -m supamanager_dev.maker" in said
    assert run(docs) == 0
    assert run(docs, "--check") == 0


@pytest.mark.parametrize("text", ["nothing", PAGE + PAGE])
def test_a_page_without_one_place_for_the_block_is_refused(
    docs: Path, text: str, capsys: pytest.CaptureFixture[str]
):
    (docs / "page.md").write_text(text)
    assert run(docs) == 2
    assert "docs/page.md must hold" in capsys.readouterr().err
    assert (docs / "page.md").read_text() == text


def test_one_command_is_for_all_pages(monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[str, list[str]]] = []

    def page(module: str, _blocks: object, arguments: list[str]) -> int:
        asked.append((module, arguments))
        return int(module == "architecture")

    monkeypatch.setattr(generated, "main", page)
    assert __main__.main(["docs", "--check"]) == 1
    assert asked == [(module, ["--check"]) for module in all_pages.MODULES]


def test_every_reason_of_every_condition_is_in_the_tables():
    text = f"{conditions_table.project()}\n{conditions_table.components()}"
    rows = text.splitlines()
    for type_, reasons in REASONS.items():
        [row] = [row for row in rows if f"`{type_}`" in row.rpartition(" | ")[0]]
        assert {reason for reason in reasons if f"`{reason}`" in row} == set(reasons)


def test_every_setting_has_a_row_with_its_meaning():
    text = settings_table.operator()
    assert "| `SUPAMANAGER_RATE` | `50` | Requests per second" in text
    for name in settings.Settings.__dataclass_fields__:
        assert f"| `SUPAMANAGER_{name.upper()}` | " in text
    assert "| `JWT_SECRET` | required | " in settings_table.api()


def test_the_drawing_shows_the_borders_of_the_packages():
    lines = architecture.drawing().splitlines()
    assert "  kube_client --> kubernetes" in lines
    assert "  operator_triggers --> kopf" in lines
    assert not [line for line in lines if "operator_" in line and "api_" in line]
    assert not [line for line in lines if "rendering --> kube_client" in line]


@pytest.mark.parametrize(
    ("modules", "message"),
    [(("client", "errors"), "belongs to no group"), (("ghost",), "no such module")],
)
def test_a_table_that_differs_from_the_package_is_refused(modules: tuple[str, ...], message: str):
    table = dict(architecture.TABLE)
    known = tuple(name for group in table["supamanager_kube"] for name in group.modules)
    if "ghost" in modules:
        table["supamanager_kube"] = (Group("all", (*modules, *known)),)
    else:
        table["supamanager_kube"] = (Group("all", modules),)
    with pytest.raises(GroupTableWrong, match=message):
        architecture.drawing(table)
