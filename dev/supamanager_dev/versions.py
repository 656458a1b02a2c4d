"""The version of the product: said once, in pyproject.toml, and repeated by others.

`disagreements` compares them; a tag makes it strict.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from supamanager_dev import charts

_VERSION: Final = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}")
_HEADING: Final = re.compile(r"^## (.+)$", re.MULTILINE)
_UNRELEASED: Final = "Unreleased"
_DATED: Final = re.compile(r"(?P<version>\S+) - \d{4}-\d{2}-\d{2}")

CHANGELOG: Final = charts.ROOT / "CHANGELOG.md"


def chart_versions() -> dict[str, dict[str, str]]:
    """Version and appVersion of each chart, by its name."""
    found = {}
    for folder in (charts.MAIN, charts.CRDS):
        document = yaml.safe_load((folder / "Chart.yaml").read_text(encoding="utf-8"))
        found[document["name"]] = {key: document[key] for key in ("version", "appVersion")}
    return found


def disagreements(
    version: str,
    *,
    tag: str,
    changelog: str,
    chart_versions: Mapping[str, Mapping[str, str]],
) -> list[str]:
    """What keeps this from being a release; each in one sentence.

    Without a tag the changes may still stand below `Unreleased`; with one they have a heading of
    the version and the day, and nothing stands below `Unreleased`.
    """
    found = []
    if not _VERSION.fullmatch(version):
        found.append(f"pyproject.toml: {version} is not of the form 1.2.3")
    for chart, said in chart_versions.items():
        for key, value in said.items():
            if value != version:
                found.append(
                    f"chart {chart}: its {key} is {value}, and pyproject.toml has {version}"
                )
    if tag and tag != f"v{version}":
        found.append(f"the tag is {tag}, and pyproject.toml has {version}: it would be v{version}")
    return found + list(_changes(version, tag, changelog))


def _changes(version: str, tag: str, changelog: str) -> list[str]:
    parts = _HEADING.split(changelog)
    sections = dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))
    named = {
        match["version"]: sections[heading]
        for heading in sections
        if (match := _DATED.fullmatch(heading))
    }
    found = [
        f"CHANGELOG.md: '## {heading}' is neither {_UNRELEASED} nor a version and a day, "
        "as in '## 1.2.3 - 2026-01-31'"
        for heading in sections
        if heading != _UNRELEASED and not _DATED.fullmatch(heading)
    ]
    if _UNRELEASED not in sections:
        found.append(f"CHANGELOG.md: there is no '## {_UNRELEASED}' for what comes next")
    if tag:
        if sections.get(_UNRELEASED):
            found.append(
                f"CHANGELOG.md: changes stand below {_UNRELEASED}, and not below a version"
            )
        if not named.get(version):
            found.append(f"CHANGELOG.md: nothing stands below '## {version} - ' and a day")
        elif next(iter(named)) != version:
            found.append(f"CHANGELOG.md: {next(iter(named))} stands above {version}")
    elif not sections.get(_UNRELEASED) and not named.get(version):
        found.append(f"CHANGELOG.md: nothing is said of {version}")
    return found


def read_changelog(path: Path = CHANGELOG) -> str:
    return path.read_text(encoding="utf-8")
