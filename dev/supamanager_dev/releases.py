"""Where projects publish the programs that we run, for Linux on x86-64 and arm64."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Final

_MACHINES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, kw_only=True)
class Release:
    """One program of a release.

    `source` and `checksum_source` are fields of Settings, and the paths lie below their URLs. The
    checksum is that of the published file, out of which `member` is taken if it is an archive.
    """

    program: str
    version: str
    source: str
    path: str
    checksum_source: str
    checksum_path: str
    member: str = ""

    @property
    def file(self) -> str:
        return self.path.rpartition("/")[2]


def architecture() -> str:
    """`amd64` or `arm64`; empty where nothing is published for this machine."""
    if platform.system() != "Linux":
        return ""
    return _MACHINES.get(platform.machine().lower(), "")


def kubernetes(program: str, version: str, arch: str) -> Release:
    path = f"release/{version}/bin/linux/{arch}/{program}"
    return Release(
        program=program,
        version=version,
        source="kubernetes",
        path=path,
        checksum_source="kubernetes",
        checksum_path=f"{path}.sha256",
    )


def etcd(version: str, arch: str) -> Release:
    folder = f"etcd-io/etcd/releases/download/{version}"
    name = f"etcd-{version}-linux-{arch}"
    return Release(
        program="etcd",
        version=version,
        source="github",
        path=f"{folder}/{name}.tar.gz",
        checksum_source="github",
        checksum_path=f"{folder}/SHA256SUMS",
        member=f"{name}/etcd",
    )


def kwok(version: str, arch: str) -> Release:
    """Its checksum is the one that GitHub computes of each file of a release."""
    return Release(
        program="kwok",
        version=version,
        source="github",
        path=f"kubernetes-sigs/kwok/releases/download/{version}/kwok-linux-{arch}",
        checksum_source="github_api",
        checksum_path=f"repos/kubernetes-sigs/kwok/releases/tags/{version}",
    )


def kind(version: str, arch: str) -> Release:
    path = f"kubernetes-sigs/kind/releases/download/{version}/kind-linux-{arch}"
    return Release(
        program="kind",
        version=version,
        source="github",
        path=path,
        checksum_source="github",
        checksum_path=f"{path}.sha256sum",
    )


def helm(version: str, arch: str) -> Release:
    path = f"helm-{version}-linux-{arch}.tar.gz"
    return Release(
        program="helm",
        version=version,
        source="helm",
        path=path,
        checksum_source="helm",
        checksum_path=f"{path}.sha256sum",
        member=f"linux-{arch}/helm",
    )
