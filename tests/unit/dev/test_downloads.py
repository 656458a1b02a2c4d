"""Programs from their projects' releases: what is taken, what is refused, and what is built then.

The releases are on an HTTP server of this machine with the layout of the real ones, and Go is a
script that notes what it is asked to build.
"""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import releaseserver
from releaseserver import ReleaseServer
from supamanager_dev import binaries, downloads, gobuild, helm, releases
from supamanager_dev.errors import ToolMissing
from supamanager_dev.releases import Release
from supamanager_dev.settings import PREFIX, InvalidSetting, Settings

GO = """#!/bin/sh
for word; do
  if [ "$last" = "-o" ]; then folder=$word; fi
  case $word in */cmd/*|*/server/v3) name=${word##*/}; built="$built $name";; esac
  last=$word
done
for name in $built; do
  if [ $name = v3 ]; then name=server; fi
  echo built > "$folder$name"
done
echo $built >> "$CALLS"
"""


@pytest.fixture
def server() -> Iterator[ReleaseServer]:
    with releaseserver.running() as running:
        running.publish([*wanted(), *of_helm()])
        yield running


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")


@pytest.fixture
def cached(
    tmp_path: Path, server: ReleaseServer, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], list[str]]:
    """An empty cache, the places as settings, and a Go; returns what that has built."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "go").write_text(GO)
    (tools / "go").chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    for name, url in vars(server.settings).items():
        monkeypatch.setenv(PREFIX + name.upper(), url)

    def built() -> list[str]:
        calls = tmp_path / "calls"
        return calls.read_text().split() if calls.exists() else []

    return built


def wanted() -> list[Release]:
    return binaries.published()


def of_helm() -> list[Release]:
    return [releases.helm(gobuild.version(helm.MODULE, "helm.sh/helm/v4"), "amd64")]


def one(name: str) -> Release:
    [found] = [release for release in [*wanted(), *of_helm()] if release.program == name]
    return found


def test_everything_is_downloaded_and_nothing_built(
    server: ReleaseServer, cached: Callable[[], list[str]]
):
    said: list[str] = []
    folder = binaries.ensure(said.append)
    assert sorted(path.name for path in folder.iterdir()) == sorted(binaries.PROGRAMS)
    for release in wanted():
        program = folder / release.program
        assert program.read_bytes() == releaseserver.program(release)
        assert os.access(program, os.X_OK)
    assert helm.ensure(said.append).read_bytes() == releaseserver.program(one("helm"))
    assert cached() == []
    assert len(said) == len(binaries.PROGRAMS) + 1
    assert f"downloading etcd v3.7.0 from 127.0.0.1:{server.port}" in said
    asked = len(server.asked)
    assert binaries.ensure(said.append) == folder
    assert len(server.asked) == asked


def test_the_real_places_have_these_paths():
    places = {
        release.program: f"{getattr(Settings(), release.source)}/{release.path}"
        for release in [*wanted(), *of_helm(), releases.kind("v1", "arm64")]
    }
    version = binaries.version()
    assert places == {
        **{
            name: f"https://dl.k8s.io/release/{version}/bin/linux/amd64/{name}"
            for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
        },
        "etcd": "https://github.com/etcd-io/etcd/releases/download/v3.7.0/"
        "etcd-v3.7.0-linux-amd64.tar.gz",
        "kwok": "https://github.com/kubernetes-sigs/kwok/releases/download/v0.8.0/kwok-linux-amd64",
        "kind": "https://github.com/kubernetes-sigs/kind/releases/download/v1/kind-linux-arm64",
        "helm": f"https://get.helm.sh/helm-{one('helm').version}-linux-amd64.tar.gz",
    }


def test_a_server_that_leads_elsewhere_is_followed(server: ReleaseServer, tmp_path: Path):
    release = one("kube-scheduler")
    server.files["elsewhere"] = server.files.pop(server.path(release))
    server.moved[server.path(release)] = "elsewhere"
    found = downloads.fetch([release], tmp_path, progress=print, settings=server.settings)
    assert found == {"kube-scheduler"}


def test_a_wrong_checksum_is_refused_and_the_program_built(
    server: ReleaseServer, cached: Callable[[], list[str]]
):
    server.files[server.path(one("kube-apiserver"))] += b"and more"
    said: list[str] = []
    folder = binaries.ensure(said.append)
    assert cached() == ["kube-apiserver"]
    assert (folder / "kube-apiserver").read_text() == "built\n"
    assert (folder / "kwok").read_bytes() == releaseserver.program(one("kwok"))
    [refusal] = [line for line in said if line.startswith("refused: the SHA-256 of http")]
    assert f"{one('kube-apiserver').path} is " in refusal
    assert "building kube-apiserver with Go: once, about 1 minute on" in said[-1]


def test_half_a_file_is_not_taken(server: ReleaseServer, cached: Callable[[], list[str]]):
    server.half.add(server.path(one("etcd")))
    said: list[str] = []
    folder = binaries.ensure(said.append)
    assert cached() == ["v3"]
    assert (folder / "etcd").read_text() == "built\n"
    assert sorted(path.name for path in folder.iterdir()) == sorted(binaries.PROGRAMS)
    assert any(line.startswith("not downloaded: http") and "etcd" in line for line in said)


def test_what_is_not_there_is_built(server: ReleaseServer, cached: Callable[[], list[str]]):
    del server.files[server.path(one("kube-scheduler"))]
    del server.files[f"github_api/{one('kwok').checksum_path}"]
    said: list[str] = []
    binaries.ensure(said.append)
    assert cached() == ["kube-scheduler", "kwok"]
    assert sum(line.endswith("answers 404") for line in said) == 2


@pytest.mark.parametrize(
    "members", [{"other/etcd": b"program"}, {}], ids=["another layout", "an empty archive"]
)
def test_an_archive_without_the_program_is_not_taken(
    server: ReleaseServer, tmp_path: Path, members: dict[str, bytes]
):
    release = one("etcd")
    content = releaseserver.archive(members)
    server.files[server.path(release)] = content
    digest = hashlib.sha256(content).hexdigest()
    place = f"{release.checksum_source}/{release.checksum_path}"
    server.files[place] = releaseserver.checksum(release, digest)
    said: list[str] = []
    assert not downloads.fetch([release], tmp_path, progress=said.append, settings=server.settings)
    assert f"has no {release.member}" in said[-1]
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_archive_is_not_taken(server: ReleaseServer, tmp_path: Path):
    release = one("helm")
    server.files[server.path(release)] = b"<html>come back later</html>"
    digest = hashlib.sha256(server.files[server.path(release)]).hexdigest()
    place = f"{release.checksum_source}/{release.checksum_path}"
    server.files[place] = releaseserver.checksum(release, digest)
    said: list[str] = []
    assert not downloads.fetch([release], tmp_path, progress=said.append, settings=server.settings)
    assert said[-1].startswith("not taken: ")
    assert list(tmp_path.iterdir()) == []


def test_a_list_without_the_file_is_told(server: ReleaseServer, tmp_path: Path):
    release = one("etcd")
    server.files[f"{release.checksum_source}/{release.checksum_path}"] = b"<html></html>"
    said: list[str] = []
    assert not downloads.fetch([release], tmp_path, progress=said.append, settings=server.settings)
    assert said == [
        f"not downloaded: {server.settings.github}/{release.checksum_path} tells no checksum of "
        f"{release.file}"
    ]


def test_a_machine_that_refuses_costs_no_time(tmp_path: Path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    nowhere = Settings(kubernetes=url, helm=url, github=url, github_api=url)
    said: list[str] = []
    begun = time.monotonic()
    assert not downloads.fetch(wanted(), tmp_path, progress=said.append, settings=nowhere)
    assert time.monotonic() - begun < 2
    assert len(said) == 1, "one host is complained about once"
    assert "does not answer" in said[0]


def test_machines_that_keep_silent_cost_a_few_seconds_together(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        nowhere = Settings(kubernetes=url, helm=url, github=url, github_api=url)
        said: list[str] = []
        begun = time.monotonic()
        assert not downloads.fetch(wanted(), tmp_path, progress=said.append, settings=nowhere)
        assert 3 < time.monotonic() - begun < 6
        assert said == [f"not downloaded: {url.removeprefix('http://')} does not answer"]


def test_a_name_that_nobody_knows_is_told(tmp_path: Path):
    places = Settings(
        kubernetes="http://nowhere.invalid", github="http://nowhere.invalid", github_api=""
    )
    said: list[str] = []
    assert not downloads.fetch(wanted(), tmp_path, progress=said.append, settings=places)
    assert len(said) == 1
    assert said[0].startswith("not downloaded: nowhere.invalid does not answer")


def test_progress_is_told_while_a_file_comes(
    server: ReleaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(downloads, "_SPEAK_EVERY", 0.0)
    release = one("kwok")
    content = server.files[server.path(release)] = os.urandom(3 << 20)
    digest = hashlib.sha256(content).hexdigest()
    place = f"{release.checksum_source}/{release.checksum_path}"
    server.files[place] = releaseserver.checksum(release, digest)
    said: list[str] = []
    assert downloads.fetch([release], tmp_path, progress=said.append, settings=server.settings)
    assert said[-1].strip() == "3 of 3 MiB"


def test_two_at_once_download_once(server: ReleaseServer, cached: Callable[[], list[str]]):
    threads = [threading.Thread(target=binaries.ensure) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.asked.count(server.path(one("kwok"))) == 1
    assert cached() == []


def test_an_empty_place_is_not_asked(
    server: ReleaseServer, cached: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(f"{PREFIX}GITHUB", "")
    binaries.ensure()
    assert cached() == ["v3", "kwok"]
    assert not [path for path in server.asked if path.startswith("github")]


def test_other_machines_build(
    server: ReleaseServer, cached: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    binaries.ensure()
    assert len(cached()) == len(binaries.PROGRAMS)
    assert server.asked == []


def test_without_go_the_refusal_comes_before_the_advice(
    server: ReleaseServer, cached: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    server.files.clear()
    monkeypatch.setenv("PATH", "/nonexistent")
    said: list[str] = []
    with pytest.raises(ToolMissing, match="install it from"):
        binaries.ensure(said.append)
    assert any("answers 404" in line for line in said)
    assert cached() == []


def test_a_place_that_is_no_url_is_named():
    with pytest.raises(InvalidSetting, match="SUPAMANAGER_DOWNLOAD_HELM: 'mirror' is no http"):
        Settings.read({"SUPAMANAGER_DOWNLOAD_HELM": "mirror"})
    assert Settings.read({}) == Settings()
