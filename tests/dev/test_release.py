"""A release is made whole, says what is in it, and is refused when something does not agree."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import gitserver
import making
import rendering
from supamanager_dev import charts, helm, imagelocks, lockfiles, release, sbom, versions

VERSION = charts.product_version()
MADE = datetime(2026, 1, 31, tzinfo=UTC)


def git(folder: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-c", f"safe.directory={folder}", *words],
        cwd=folder,
        env={**os.environ, **gitserver.IDENTITY},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def make_release(checkout: Path) -> making.Done:
    """Its own code, and not that of the tests."""
    code = ":".join(str(checkout / name) for name in ("operator", "api", "dev"))
    return making.run("release", checkout=checkout, timeout=180, PYTHONPATH=code)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One commit, of all that is here."""
    made = tmp_path_factory.mktemp("checkout")
    listed = git(charts.ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (charts.ROOT / name).exists():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(charts.ROOT / name, made / name, follow_symlinks=False)
    git(made, "init", "--quiet", "--initial-branch=main")
    git(made, "add", "--all")
    git(made, "commit", "--quiet", "--message", "All")
    return made


@pytest.fixture(scope="module")
def folder(checkout: Path, announce: Callable[[str], None]) -> Path:
    """`make release`, as the page has it: nothing has a tag, so it is a rehearsal."""
    helm.ensure(announce)
    done = make_release(checkout)
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(
        r"no tag, so this is a rehearsal: 8 files and SHA256SUMS in .*/dist; .*", last
    )
    return checkout / "dist"


def test_it_is_whole_and_its_sums_are_right(folder: Path):
    names = {
        *(f"supamanager-{VERSION}.tar.gz", f"supamanager-{VERSION}-py3-none-any.whl"),
        *(f"supamanager-{VERSION}.tgz", f"supamanager-crds-{VERSION}.tgz"),
        *(f"supamanager-{VERSION}.yaml", f"supamanager-{VERSION}.cdx.json"),
        *(f"supamanager-operator-{VERSION}.cdx.json", f"supamanager-api-{VERSION}.cdx.json"),
    }
    assert {path.name for path in folder.iterdir()} == names | {release.SUMS}
    lines = (folder / release.SUMS).read_text().splitlines()
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert len(lines) == len(names)


def test_the_charts_are_packed_with_their_version(folder: Path):
    for name in ("supamanager", "supamanager-crds"):
        with tarfile.open(folder / f"{name}-{VERSION}.tgz") as archive:
            chart = archive.extractfile(f"{name}/Chart.yaml")
            assert chart is not None
            document = yaml.safe_load(chart)
            assert (document["name"], document["version"]) == (name, VERSION)
            inside = set(archive.getnames())
    assert "supamanager-crds/templates/supamanager.io_supabaseprojects.yaml" in inside


def test_the_sources_make_the_same_wheel(folder: Path, tmp_path: Path):
    # Not with tarfile: its filters came with Python 3.11.4.
    sources = folder / f"supamanager-{VERSION}.tar.gz"
    subprocess.run(["tar", "-xzf", sources, "-C", tmp_path], check=True)
    [source] = tmp_path.iterdir()
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [built] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as mine, zipfile.ZipFile(folder / built.name) as released:
        assert mine.namelist() == released.namelist()
        for name in mine.namelist():
            assert mine.read(name) == released.read(name), name


@pytest.mark.parametrize("name", sbom.files(VERSION, MADE))
def test_a_bill_is_valid_and_the_same_every_time(name: str):
    text = sbom.files(VERSION, MADE)[name]
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert problem is None
    assert sbom.files(VERSION, MADE)[name] == text
    assert json.loads(text)["metadata"]["timestamp"].startswith("2026-01-31")


@pytest.mark.parametrize("name", sbom.IMAGES)
def test_an_images_bill_holds_its_lock_file_and_its_base(name: str):
    bill = json.loads(sbom.image(name, VERSION, MADE))
    listed = {each["name"]: each for each in bill["components"]}
    locked = {pin.name: pin for pin in lockfiles.read(imagelocks.FOLDER / f"{name}.lock")}
    base = (imagelocks.FOLDER / "base").read_text().strip()
    assert set(listed) == {*locked, "supamanager", base.partition(":")[0]}
    for pin in locked.values():
        assert listed[pin.name]["version"] == pin.version
        assert {each["content"] for each in listed[pin.name]["hashes"]} == set(pin.hashes)
    container = listed[base.partition(":")[0]]
    assert [each["content"] for each in container["hashes"]] == [base.rpartition(":")[2]]
    [root] = [each for each in bill["dependencies"] if each["ref"] == f"supamanager-{name}"]
    assert len(root["dependsOn"]) == len(listed)


def test_the_chart_runs_no_image_that_is_in_no_bill(
    tmp_path: Path, announce: Callable[[str], None]
):
    tool = helm.Helm(helm.ensure(announce), home=tmp_path)
    pods = rendering.pods(rendering.render(tool, {}, tests=True)).values()
    run = {
        container["image"]
        for pod in pods
        for container in (*pod["containers"], *pod.get("initContainers", ()))
    }
    ours = {f"supamanager-{name}:{VERSION}" for name in sbom.IMAGES}
    assert ours < run
    assert set(sbom.chart_images()) == run - ours
    listed = json.loads(sbom.product(VERSION, MADE))["components"]
    named = {f"{each['name']}:{each['version']}".removeprefix("docker.io/") for each in listed}
    assert {image.removeprefix("docker.io/") for image in run - ours} <= named


def test_the_products_bill_tells_development_apart_and_names_the_stack():
    bill = json.loads(sbom.product(VERSION, MADE))
    scopes = {each["name"]: each.get("scope") for each in bill["components"]}
    assert scopes["kopf"] == scopes["fastapi"] == "required"
    assert scopes["pytest"] == "excluded"
    purls = {each["purl"] for each in bill["components"] if each["type"] == "container"}
    assert len(sbom.stack_images()) == 13
    assert purls >= {"pkg:docker/library/postgres@18", "pkg:docker/library/nginx@1.28-alpine"}
    # The agent for logs is the same program as the projects' own.
    assert len(purls) == 15
    assert any(re.fullmatch(r"pkg:docker/supabase/gotrue@v[\d.]+", purl) for purl in purls)


@pytest.fixture
def tagged(checkout: Path, tmp_path: Path) -> Path:
    """A commit whose changes have their heading, and its tag."""
    made = tmp_path / "tagged"
    git(checkout, "clone", "--quiet", str(checkout), str(made))
    changelog = (made / "CHANGELOG.md").read_text(encoding="utf-8")
    dated = f"## Unreleased\n\n## {VERSION} - 2026-01-31\n"
    (made / "CHANGELOG.md").write_text(changelog.replace("## Unreleased\n", dated, 1), "utf-8")
    git(made, "commit", "--quiet", "--all", "--message", "Release")
    git(made, "tag", f"v{VERSION}")
    return made


def test_a_tagged_commit_is_released_and_what_is_not_committed_refused(
    tagged: Path, announce: Callable[[str], None]
):
    helm.ensure(announce)
    readme = (tagged / "README.md").read_text(encoding="utf-8")
    (tagged / "README.md").write_text(f"{readme}More.\n", encoding="utf-8")
    refused = make_release(tagged)
    assert refused.returncode != 0
    assert "  files are changed that are not committed\n" in refused.stderr
    assert not (tagged / "dist").exists()
    git(tagged, "checkout", "README.md")
    done = make_release(tagged)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith(
        f"v{VERSION} is complete: 8 files and SHA256SUMS"
    )
    assert (tagged / "dist" / f"supamanager-{VERSION}.tgz").is_file()


def test_a_definition_that_the_chart_does_not_have_is_refused(
    checkout: Path, tmp_path: Path, announce: Callable[[str], None]
):
    helm.ensure(announce)
    made = tmp_path / "stale"
    git(checkout, "clone", "--quiet", str(checkout), str(made))
    definition = made / "crds" / "supamanager.io_supabaseprojects.yaml"
    text = definition.read_text(encoding="utf-8")
    assert "shortNames: [sbp]" in text
    definition.write_text(text.replace("shortNames: [sbp]", "shortNames: [sbp, sbq]"), "utf-8")
    git(made, "commit", "--quiet", "--all", "--message", "Another short name")
    refused = make_release(made)
    assert refused.returncode != 0
    assert "supamanager.io_supabaseprojects.yaml is not what the code says now" in refused.stdout
    assert "  files that are made from the code are not, as told above" in refused.stderr
    assert not (made / "dist").exists()


def test_a_commit_with_two_tags_is_refused(tagged: Path):
    git(tagged, "tag", "v9.9.9")
    refused = make_release(tagged)
    assert refused.returncode != 0
    assert f"the commit has several tags: ['v{VERSION}', 'v9.9.9']" in refused.stderr
    assert not (tagged / "dist").exists()


def test_a_tag_of_another_version_makes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], announce: Callable[[str], None]
):
    helm.ensure(announce)
    assert release.main(["--tag", "v9.9.9", "--into", str(tmp_path / "dist")]) == 1
    complaint = capsys.readouterr().err
    assert complaint.startswith("this is no release:\n")
    assert f"the tag is v9.9.9, and pyproject.toml has {VERSION}" in complaint
    assert not (tmp_path / "dist").exists()


def test_all_that_disagrees_is_listed_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, announce: Callable[[str], None]
):
    helm.ensure(announce)
    monkeypatch.setattr(charts, "product_version", lambda: "8.8.8")
    with pytest.raises(release.NotAgreed) as told:
        release.make(tmp_path / "dist", tag="v8.8.8", made=MADE)
    lines = str(told.value).splitlines()[1:]
    assert sum("chart supamanager" in line for line in lines) == 4
    assert any("'## 8.8.8 - '" in line for line in lines)


def test_a_folder_with_other_files_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "letter.txt").write_text("dear")
    assert release.main(["--tag", "", "--into", str(tmp_path)]) == 1
    assert "holds files that are not of a release" in capsys.readouterr().err
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_a_line_that_pins_nothing_is_refused(tmp_path: Path):
    (tmp_path / "lock").write_text("kopf>=1.45\n")
    with pytest.raises(release.DevError, match=r"'kopf>=1\.45' pins no version"):
        lockfiles.read(tmp_path / "lock")


def test_nothing_of_the_version_is_said_elsewhere():
    """Only generated files repeat it."""
    listed = subprocess.run(
        [
            *("git", "-c", f"safe.directory={charts.ROOT}", "grep", "-lwF", VERSION, "--"),
            *("operator", "api", "charts", "deploy", "Makefile", "pyproject.toml", "images/base"),
        ],
        cwd=charts.ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    assert set(listed) == {
        "pyproject.toml",
        "charts/supamanager/Chart.yaml",
        "charts/supamanager-crds/Chart.yaml",
        "deploy/supamanager.yaml",
    }
    assert versions.CHANGELOG.is_file()
