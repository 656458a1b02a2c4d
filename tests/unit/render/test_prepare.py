"""The script that makes the database's volumes fit its image, run by a shell."""

from __future__ import annotations

import os
import subprocess

import pytest

from supamanager_operator.render import data

SCRIPT = data.root() / "database" / "prepare.sh"
KEY = "pgsodium_root.key"


class Volumes:
    """The folders that the script is called with, and programs that stand in for root's."""

    def __init__(self, root):
        self.shipped, self.custom, self.data, self._bin = (
            root / name for name in ("shipped", "custom", "data", "bin")
        )
        for folder in (self.shipped, self.custom, self.data, self._bin):
            folder.mkdir()
        (self.shipped / "supautils.conf").write_text("one")
        (self.shipped / "conf.d").mkdir()
        (self.shipped / "conf.d" / "a.conf").write_text("a")
        self.owned = root / "owned"
        self._program(
            "chown",
            f'shift; owner=$1; shift; for path; do echo "$owner $path"; done >>{self.owned}',
        )
        self.owner(os.getuid(), os.getgid())

    def owner(self, uid, gid):
        """Whom the image's postgres user is."""
        self._program("id", f"case $1 in -u) echo {uid} ;; -g) echo {gid} ;; esac")

    def _program(self, name, text):
        path = self._bin / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def prepare(self, image="postgres:1"):
        subprocess.run(
            ["sh", SCRIPT, self.shipped, self.custom, self.data],
            env={"PATH": f"{self._bin}:/usr/bin:/bin", "IMAGE": image},
            check=True,
        )

    def files(self):
        return {
            str(path.relative_to(self.custom)): path.read_text()
            for path in self.custom.rglob("*")
            if path.is_file() and path.name != ".copied-from"
        }


@pytest.fixture
def volumes(tmp_path):
    return Volumes(tmp_path)


def test_an_empty_volume_gets_the_images_files(volumes):
    volumes.prepare()
    assert volumes.files() == {"supautils.conf": "one", "conf.d/a.conf": "a"}
    assert not volumes.owned.exists()


def test_a_shipped_root_key_is_never_copied(volumes):
    (volumes.shipped / KEY).write_text("the image's")
    volumes.prepare()
    assert KEY not in volumes.files()


def test_the_same_image_touches_nothing(volumes):
    volumes.prepare()
    (volumes.custom / "supautils.conf").write_text("edited")
    (volumes.custom / KEY).write_text("key")
    volumes.prepare()
    assert volumes.files()["supautils.conf"] == "edited"
    assert volumes.files()[KEY] == "key"


def test_another_image_refreshes_all_but_the_root_key(volumes):
    volumes.prepare()
    (volumes.custom / KEY).write_text("key")
    (volumes.shipped / KEY).write_text("the image's")
    (volumes.shipped / "supautils.conf").write_text("two")
    (volumes.shipped / "conf.d" / "b.conf").write_text("b")
    volumes.prepare("postgres:2")
    assert volumes.files() == {
        "supautils.conf": "two",
        "conf.d/a.conf": "a",
        "conf.d/b.conf": "b",
        KEY: "key",
    }


def test_an_interrupted_copy_is_done_again(volumes):
    (volumes.custom / "supautils.conf").write_text("o")
    volumes.prepare()
    assert volumes.files()["supautils.conf"] == "one"


def test_another_owner_is_corrected_from_the_leaves_up(volumes):
    (volumes.data / "base").mkdir()
    (volumes.data / "base" / "1").write_text("")
    volumes.owner(os.getuid() + 1, os.getgid() + 1)
    volumes.prepare()
    lines = volumes.owned.read_text().splitlines()
    assert all(line.startswith(f"{os.getuid() + 1}:{os.getgid() + 1} ") for line in lines)
    changed = [line.split(" ", 1)[1] for line in lines]
    base = str(volumes.data)
    assert [path for path in changed if path.startswith(base)] == [
        f"{base}/base/1",
        f"{base}/base",
        base,
    ]
    assert str(volumes.custom) in changed
