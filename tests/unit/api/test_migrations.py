from __future__ import annotations

from pathlib import Path

import pytest

from supamanager_api import errors, migrations


def write(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).write_text(f"-- {name}\n")
    return folder


def test_in_order(tmp_path: Path):
    found = migrations.load(write(tmp_path, "0002_more.sql", "0001_first.sql"))
    assert [(item.id, item.name) for item in found] == [("0001", "first"), ("0002", "more")]
    assert found[0].checksum != found[1].checksum


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("1_first.sql",), "not named NNNN_what"),
        (("0001_First.sql",), "not named NNNN_what"),
        (("0002_more.sql",), "should be number 0001"),
        (("0001_a.sql", "0001_b.sql"), "0001_b.sql should be number 0002"),
        (("0001_a.sql", "0003_c.sql"), "0003_c.sql should be number 0002"),
    ],
)
def test_wrong_names(tmp_path: Path, names: tuple[str, ...], words: str):
    with pytest.raises(errors.MigrationError, match=words):
        migrations.load(write(tmp_path, *names))


def test_the_shipped_ones():
    assert migrations.load()[0].name == "accounts"
