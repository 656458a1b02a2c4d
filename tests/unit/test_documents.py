"""Pages that people write: what they promise about themselves, and their examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import crd
from supamanager_kube import conditions, labels
from supamanager_kube.components import COMPONENTS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`[^`\n]+`")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _examples() -> Iterator[Any]:
    for page in PAGES:
        for language, text in FENCE.findall(page.read_text(encoding="utf-8")):
            if language == "yaml":
                for document in yaml.safe_load_all(text):
                    yield pytest.param(document, id=_name(page))


def _unknown(value: Any, schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Fields that the schema does not have, and values of another type."""
    if isinstance(value, dict) and "properties" in schema:
        for key, inner in value.items():
            if key in schema["properties"]:
                yield from _unknown(inner, schema["properties"][key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(value, list) and schema.get("type") == "array":
        for inner in value:
            yield from _unknown(inner, schema["items"], f"{path}[]")
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value}"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path):
    text = CODE.sub("", FENCE.sub("", page.read_text(encoding="utf-8")))
    broken = []
    for target in LINK.findall(text):
        if target.startswith(("http://", "https://")):
            continue
        place, _, heading = target.partition("#")
        other = page.parent / place if place else page
        if not other.exists() or (heading and heading not in _headings(other)):
            broken.append(target)
    assert not broken


def _headings(page: Path) -> set[str]:
    """The anchors of a page, as they are made from its headings."""
    lines = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


@pytest.mark.parametrize("document", list(_examples()))
def test_examples_are_projects_or_values_that_the_schemas_know(document: dict[str, Any]):
    if "apiVersion" not in document:
        folder = ROOT / "charts" / "supamanager"
        values = yaml.safe_load((folder / "values.yaml").read_text(encoding="utf-8"))
        known = json.loads((folder / "values.schema.json").read_text(encoding="utf-8"))
        jsonschema.validate(_laid_over(values, document), known)
        return
    assert (document["apiVersion"], document["kind"]) == (labels.API_VERSION, labels.KIND)
    spec = crd.schema()["properties"]["spec"]
    assert list(_unknown(document["spec"], spec, "spec")) == []


def _laid_over(values: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """As Helm does it."""
    return {
        **values,
        **{
            key: _laid_over(values[key], value)
            if isinstance(value, dict) and isinstance(values.get(key), dict)
            else value
            for key, value in given.items()
        },
    }


HEADED = re.compile(r"^### (\w+)\n\n((?:(?!^#).*\n)*)", re.MULTILINE)


def test_every_reason_has_its_section_of_troubleshooting_and_no_other_is_there():
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    sections = HEADED.findall(text)
    names = [name for name, _ in sections]
    assert sorted(names) == sorted(conditions.Reason)
    services = {component.condition for component in COMPONENTS.values()}
    for name, body in sections:
        carriers = {type_ for type_, reasons in conditions.REASONS.items() if name in reasons}
        said = set(re.findall(r"[Oo]n `(\w+)`", body)) | set(
            re.findall(r"[Oo]n `\w+` and `(\w+)`", body)
        )
        if "every service" in body or "On a service" in body:
            said |= services
        assert said == carriers, name
        assert "```sh\nk" in body or "```sh\nc" in body, f"{name}: no command that shows it"


def test_the_index_names_every_page():
    index = ROOT / "docs" / "README.md"
    named = {target.partition("#")[0] for target in LINK.findall(index.read_text(encoding="utf-8"))}
    there = {page.name for page in (ROOT / "docs").glob("*.md")} - {index.name}
    assert there - named == set()
    folders = {page.parent.name for page in (ROOT / "docs").glob("*/*.md")}
    assert {folder for folder in folders if not any(folder in each for each in named)} == set()


def test_every_decision_is_listed_and_has_its_parts():
    folder = ROOT / "docs" / "decisions"
    pages = sorted(page for page in folder.glob("*.md") if page.name != "README.md")
    listed = re.findall(r"\]\((\d{4}-[^)]+)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == [page.name for page in pages]
    for number, page in enumerate(pages, 1):
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {number:04}: "), page.name
        parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequences", "Rejected"], page.name


def test_verification_is_counted_in_its_first_line():
    text = (ROOT / "docs" / "verification.md").read_text(encoding="utf-8")
    first = text.splitlines()[0]
    untried, _, stand_ins = text.partition("## Stand-ins")
    items = [int(number) for number in re.findall(r"^### (\d+)\. ", untried, re.MULTILINE)]
    rows = [int(number) for number in re.findall(r"^\| (\d+) \|", stand_ins, re.MULTILINE)]
    assert items == list(range(1, len(items) + 1))
    assert rows == list(range(1, len(rows) + 1))
    assert first == f"# Verification: {len(items)} things not tried here, {len(rows)} stand-ins"
    for section in re.split(r"^### ", untried, flags=re.MULTILINE)[1:]:
        assert FENCE.search(section), f"no command: {section.splitlines()[0]}"
