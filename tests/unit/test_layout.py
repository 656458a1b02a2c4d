"""The shape of the repository: folders, the wheel, and words that no file may have."""

from __future__ import annotations

import operator
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("operator", "api")
PACKAGES = {"supamanager_operator", "supamanager_kube", "supamanager_api"}
DATA = {
    "manifests": "supamanager_operator/data/manifests",
    "crds": "supamanager_kube/data/crds",
    "sql": "supamanager_api/data/sql",
}

FOREIGN = {
    "a place of the machine that it was written on": r"(?<![\w.~-])/work/|(?<![\w./-])shared/",
    "a paper that is not in the repository": r"\b(design|studio-contract)\.md\b|the brief\b",
    "how it was made": (
        r"\b(another|every|other|each|this|earlier|previous) (helper|session of work)\b"
        r"|\bfiled by\b|\bissues? #?\d|\bco-authored-by\b|\blanguage model\b"
    ),
    "a host that packages were fetched from": (
        r"\b(pypi\.org|pythonhosted\.org|registry\.npmjs\.org|(proxy|sum)\.golang\.org)\b"
        r"|\b(artifactory|jfrog|nexus)\b|--(extra-)?index-url"
    ),
}


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """What is in the repository or would be with the next commit; this file apart."""
    listed = subprocess.run(
        [
            *("git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT)),
            *("ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = {ROOT / name for name in listed.split("\0") if name} - {Path(__file__)}
    return sorted(path for path in found if path.is_file())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in the wheel that the checkout makes."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [built] = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("folder", FOLDERS)
def test_folders_are_not_packages(folder: str):
    assert (ROOT / folder).is_dir()
    assert not (ROOT / folder / "__init__.py").exists()


def test_operator_is_the_standard_librarys():
    standard = Path(sysconfig.get_path("stdlib"))
    assert Path(operator.__file__) == standard / "operator.py"
    # The folder lies beside it on the path when Python is started in the root.
    done = subprocess.run(
        [sys.executable, "-c", "import operator; print(operator.__file__)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert Path(done.stdout.strip()) == standard / "operator.py"


@pytest.mark.parametrize("folder", DATA)
def test_the_wheel_holds_the_data_of_each_package(wheel: set[str], files: list[Path], folder: str):
    wanted = {
        f"{DATA[folder]}/{path.relative_to(ROOT / folder).as_posix()}"
        for path in files
        if path.is_relative_to(ROOT / folder)
    }
    assert wanted
    assert wanted <= wheel


def test_the_wheel_holds_the_product_and_nothing_else(wheel: set[str]):
    tops = {name.partition("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES
    assert {f"{package}/py.typed" for package in PACKAGES} <= wheel
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel)


@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_tells(files: list[Path], what: str):
    assert len(files) > 200
    pattern = re.compile(FOREIGN[what], re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in files
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert not found, f"speaks of {what}: " + "; ".join(found)
