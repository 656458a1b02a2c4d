"""Stack releases: images and whatever else differs between them, from `manifests/releases/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from supamanager_kube import quantities
from supamanager_kube.components import COMPONENTS
from supamanager_operator.render import data

_FOLDER: Final = "releases"


class UnknownRelease(LookupError):
    """No release of that version is shipped; the message lists those that are."""


class InvalidRelease(ValueError):
    """A release's file is incomplete or malformed; the message names the file and the place."""


@dataclass(frozen=True, kw_only=True)
class Release:
    version: str
    frozen: bool
    """A frozen release renders the same pod templates for ever."""
    postgres: Mapping[int, str]
    """The database's image by major version."""
    postgres_version: int
    """The major version of a new project that names none."""
    images: Mapping[str, str]
    """The image of every other component."""
    arguments: Mapping[str, tuple[str, ...]]
    """Arguments of a component's program, where they differ from the image's own."""
    volumes: Mapping[str, str]
    """The size of each volume of a project, by the suffix of its name."""
    sizes: Mapping[str, Mapping[str, Mapping[str, Any]]]
    """Requests and limits by `spec.size` and component."""
    init: Mapping[str, Any]
    """Requests and limits of the init Job."""

    def image(self, component: str, postgres_version: int) -> str:
        if component == "database":
            return self.postgres[postgres_version]
        return self.images[component]


@cache
def load(version: str) -> Release:
    """Raises UnknownRelease, InvalidRelease."""
    if version not in versions():
        raise UnknownRelease(
            f"there is no stack release {version!r}; known are {', '.join(versions())}"
        )
    name = f"{_FOLDER}/{version}.yaml"
    return _parse(name, version, yaml.safe_load(data.text(name)))


@cache
def versions() -> tuple[str, ...]:
    """Every shipped version, oldest first."""
    found = [Path(name).stem for name, _ in data.folder(_FOLDER) if name.endswith(".yaml")]
    return tuple(sorted(found, key=lambda version: [int(part) for part in version.split(".")]))


def latest() -> str:
    """The version that a new project gets."""
    return versions()[-1]


def _parse(name: str, version: str, body: dict[str, Any]) -> Release:
    try:
        release = Release(
            version=body["version"],
            frozen=body["frozen"],
            postgres=body["postgres"]["images"],
            postgres_version=body["postgres"]["default"],
            images=body["images"],
            arguments={key: tuple(value) for key, value in body["arguments"].items()},
            volumes=body["volumes"],
            sizes={
                size: {component: _resources(entry) for component, entry in table.items()}
                for size, table in body["sizes"].items()
            },
            init=_resources(body["init"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidRelease(f"{name}: {error!r}") from error
    problems = [
        *([] if release.version == version else [f"version is {release.version}"]),
        *_difference("images", set(release.images), COMPONENTS.keys() - {"database"}),
        *(
            problem
            for size, table in release.sizes.items()
            for problem in _difference(f"sizes.{size}", set(table), set(COMPONENTS))
        ),
        *(
            f"{quantity} is not written as the API server writes it"
            for quantity in _quantities(release)
            if quantities.canonical(quantity) != quantity
        ),
    ]
    if problems:
        raise InvalidRelease(f"{name}: {'; '.join(problems)}")
    return release


def _resources(entry: dict[str, str]) -> dict[str, dict[str, str]]:
    """`{cpu, memory, limit}`: what is requested, and the memory's limit. The CPU has none: a
    service that is throttled fails its probes."""
    return {
        "requests": {"cpu": entry["cpu"], "memory": entry["memory"]},
        "limits": {"memory": entry["limit"]},
    }


def _quantities(release: Release) -> list[str]:
    resources = [entry for table in release.sizes.values() for entry in table.values()]
    resources.append(release.init)
    return [
        *release.volumes.values(),
        *(value for entry in resources for group in entry.values() for value in group.values()),
    ]


def _difference(where: str, found: set[str], expected: set[str]) -> list[str]:
    missing, unknown = sorted(expected - found), sorted(found - expected)
    return [
        *([f"{where} lacks {', '.join(missing)}"] if missing else []),
        *([f"{where} names the unknown {', '.join(unknown)}"] if unknown else []),
    ]
