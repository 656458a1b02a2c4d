"""`make release`: all that a release publishes, made and compared, and published nowhere.

Into `dist/` come the sources and the wheel, both charts as Helm packs them, the plain manifests,
the bills of materials, and SHA256SUMS over all. It refuses when versions, changelog, charts,
generated files or tag disagree.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from supamanager_dev import bundle, charts, docs, helm, imagelocks, sbom, versions
from supamanager_dev.errors import DevError, ProgramFailed
from supamanager_dev.helm import Helm
from supamanager_dev.progress import to_stderr

SUMS: Final = "SHA256SUMS"


class NotAgreed(DevError):
    """Lists what disagrees."""


def make(folder: Path, *, tag: str, made: datetime) -> list[Path]:
    """Fill an empty folder; returns its files but SHA256SUMS, in order.

    Raises:
        NotAgreed: nothing is made then.
        ProgramFailed, HelmError: a program that packs complained.
    """
    version = charts.product_version()
    with tempfile.TemporaryDirectory() as home:
        tool = Helm(helm.ensure(to_stderr), home=Path(home))
        _agree(version, tag, tool)
        folder.mkdir(parents=True, exist_ok=True)
        _build(folder, made)
        for chart in (charts.CRDS, charts.MAIN):
            tool.run("package", str(chart), "--destination", str(folder))
    shutil.copyfile(bundle.FILE, folder / f"supamanager-{version}.yaml")
    sbom.write(folder, version, made)
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / SUMS).write_text("".join(sums), encoding="utf-8")
    return files


def _agree(version: str, tag: str, tool: Helm) -> None:
    found = versions.disagreements(
        version,
        tag=tag,
        changelog=versions.read_changelog(),
        chart_versions=versions.chart_versions(),
    )
    if bundle.make(tool) != bundle.FILE.read_text(encoding="utf-8"):
        found.append("deploy/supamanager.yaml is not what the charts say: run `make bundle`")
    if docs.run(check=True):
        found.append("files that are made from the code are not, as told above: run `make docs`")
    found += [
        f"images/{name}.lock is not what requirements.lock says"
        for name, text in imagelocks.texts().items()
        if (imagelocks.FOLDER / f"{name}.lock").read_text(encoding="utf-8") != text
    ]
    if tag and _git("status", "--porcelain"):
        found.append("files are changed that are not committed")
    if found:
        raise NotAgreed("\n".join(["this is no release:", *(f"  {each}" for each in found)]))


def _build(folder: Path, made: datetime) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "hatchling", "build"),
            *("-t", "sdist", "-t", "wheel", "-d", str(folder.absolute())),
        ],
        cwd=charts.ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(int(made.timestamp()))},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ProgramFailed("hatchling", done.returncode, done.stderr)


def _git(*words: str) -> str:
    root = str(charts.ROOT)
    done = subprocess.run(
        ["git", "-c", f"safe.directory={root}", "-C", root, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ProgramFailed("git", done.returncode, done.stderr)
    return done.stdout.strip()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m supamanager_dev.release", description=__doc__)
    parser.add_argument("--tag", help="the tag to compare with, instead of that of the commit")
    parser.add_argument("--into", type=Path, default=charts.ROOT / "dist", metavar="FOLDER")
    options = parser.parse_args(arguments)
    folder: Path = options.into
    try:
        tag = (
            _git("tag", "--points-at", "HEAD", "--list", "v*")
            if options.tag is None
            else options.tag
        )
        if "\n" in tag:
            raise NotAgreed(f"this is no release:\n  the commit has several tags: {tag.split()}")
        made = datetime.fromtimestamp(int(_git("log", "-1", "--format=%ct")), UTC)
        if folder.exists():
            if any(folder.iterdir()) and not (folder / SUMS).is_file():
                raise DevError(f"{folder} holds files that are not of a release: remove it first")
            shutil.rmtree(folder)
        files = make(folder, tag=tag, made=made)
    except DevError as error:
        print(error, file=sys.stderr)
        return 1
    for path in files:
        print(f"{path.stat().st_size:>10}  {path.name}")
    what = f"{tag} is complete" if tag else "no tag, so this is a rehearsal"
    print(f"{what}: {len(files)} files and {SUMS} in {folder}; nothing was published")
    return 0


if __name__ == "__main__":
    sys.exit(main())
