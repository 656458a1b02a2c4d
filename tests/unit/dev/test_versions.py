"""What keeps a commit from being a release."""

from __future__ import annotations

from typing import Any

import pytest

from supamanager_dev import charts, versions

CHARTS = {"supamanager": {"version": "1.2.3", "appVersion": "1.2.3"}}
RELEASED = "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-01-31\n\n- A change.\n"
COMING = "# Changelog\n\n## Unreleased\n\n- A change.\n\n## 1.2.2 - 2025-12-24\n\n- Older.\n"


def disagreements(
    version: str = "1.2.3",
    tag: str = "v1.2.3",
    changelog: str = RELEASED,
    chart_versions: dict[str, dict[str, str]] = CHARTS,
) -> list[str]:
    return versions.disagreements(
        version, tag=tag, changelog=changelog, chart_versions=chart_versions
    )


def test_the_repository_agrees_with_itself():
    assert versions.chart_versions().keys() == {"supamanager", "supamanager-crds"}
    found = versions.disagreements(
        charts.product_version(),
        tag="",
        changelog=versions.read_changelog(),
        chart_versions=versions.chart_versions(),
    )
    assert found == []


def test_a_release_agrees():
    assert disagreements() == []


def test_a_rehearsal_may_have_its_changes_unreleased():
    assert disagreements(tag="", changelog=COMING) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tag": "v1.2.4"}, "the tag is v1.2.4, and pyproject.toml has 1.2.3: it would be v1.2.3"),
        ({"tag": "1.2.3"}, "the tag is 1.2.3"),
        ({"version": "1.2.3rc1", "tag": ""}, "1.2.3rc1 is not of the form"),
        ({"version": "01.2.3", "tag": ""}, "01.2.3 is not of the form"),
        (
            {"chart_versions": {"supamanager": {"version": "1.2.3", "appVersion": "1.2.2"}}},
            "chart supamanager: its appVersion is 1.2.2, and pyproject.toml has 1.2.3",
        ),
        ({"changelog": COMING}, "changes stand below Unreleased"),
        ({"changelog": COMING}, "nothing stands below '## 1.2.3 - '"),
        ({"changelog": RELEASED.replace("- A change.\n", "")}, "nothing stands below '## 1.2.3"),
        ({"changelog": RELEASED.replace(" - 2026-01-31", "")}, "'## 1.2.3' is neither"),
        ({"changelog": RELEASED.replace("## Unreleased\n", "")}, "there is no '## Unreleased'"),
        (
            {
                "changelog": RELEASED.replace(
                    "## 1.2.3", "## 1.3.0 - 2026-02-01\n\n- Newer.\n\n## 1.2.3"
                )
            },
            "1.3.0 stands above 1.2.3",
        ),
        ({"tag": "", "changelog": "# Changelog\n\n## Unreleased\n"}, "nothing is said of 1.2.3"),
    ],
)
def test_what_disagrees_is_told(changes: dict[str, Any], words: str):
    assert any(words in each for each in disagreements(**changes))
