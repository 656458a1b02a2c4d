"""Bills of materials in CycloneDX: what is in the images, and what a release stands on.

Everything comes from files of the repository: the lock files with versions and hashes, the base of
the images, the services' images of the newest stack release, and those that the chart runs beside
ours. The same commit gives the same bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from supamanager_dev import charts, imagelocks, lockfiles
from supamanager_dev.errors import DevError
from supamanager_dev.lockfiles import Pin

IMAGES: Final = ("operator", "api")
_RELEASES: Final = imagelocks.ROOT / "manifests" / "releases"
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://supamanager.io/sbom")


def image(name: str, version: str, made: datetime) -> str:
    """Of an image of ours: its base, our wheel and the packages beside it."""
    root = Component(
        name=f"supamanager-{name}",
        version=version,
        type=ComponentType.CONTAINER,
        bom_ref=f"supamanager-{name}",
        licenses=_license(),
    )
    base = (imagelocks.FOLDER / "base").read_text(encoding="utf-8").strip()
    pins = lockfiles.read(imagelocks.FOLDER / f"{name}.lock")
    parts = [
        _container(base),
        _distribution(version),
        *(_package(pin, ComponentScope.REQUIRED) for pin in pins),
    ]
    return _text(root, parts, made)


def product(version: str, made: datetime) -> str:
    """Of the repository: every locked package, and the images of a project's services and of the
    chart.

    Packages that are in no image are for development: their scope is `excluded`.
    """
    inside = {
        pin.name for name in IMAGES for pin in lockfiles.read(imagelocks.FOLDER / f"{name}.lock")
    }
    packages = [
        _package(pin, ComponentScope.REQUIRED if pin.name in inside else ComponentScope.EXCLUDED)
        for pin in lockfiles.read(imagelocks.ROOT / "requirements.lock")
    ]
    containers = {
        part.bom_ref.value: part for part in map(_container, [*stack_images(), *chart_images()])
    }
    parts = [*packages, *containers.values()]
    return _text(_distribution(version), parts, made)


def stack_images() -> list[str]:
    """The images of a project's services in the newest stack release."""
    newest = max(_RELEASES.glob("*.yaml"))
    release: dict[str, Any] = yaml.safe_load(newest.read_text(encoding="utf-8"))
    return sorted({*release["images"].values(), *release["postgres"]["images"].values()})


def chart_images() -> list[str]:
    """The images of others that the main chart runs, as its values have them by default."""
    text = (charts.MAIN / "values.yaml").read_text(encoding="utf-8")
    return sorted(set(_images(yaml.safe_load(text))))


def _images(values: dict[str, Any]) -> Iterator[str]:
    """An image of ours is given in parts, and has a bill of its own."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _images(value)
        elif key == "image":
            yield value


def _package(pin: Pin, scope: ComponentScope) -> Component:
    purl = PackageURL("pypi", name=pin.name, version=pin.version)
    return Component(
        name=pin.name,
        version=pin.version,
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        scope=scope,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in pin.hashes],
    )


def _container(reference: str) -> Component:
    """`docker.io/library/python:3.13-slim@sha256:…`, or without registry or digest."""
    name, _, digest = reference.partition("@")
    name, _, tag = name.rpartition(":")
    repository, _, short = name.rpartition("/")
    namespace = repository.removeprefix("docker.io/") or "library"
    if "." in namespace:
        raise DevError(f"{reference}: how an image of that registry is named is not known here")
    purl = PackageURL("docker", namespace=namespace, name=short, version=digest or tag)
    return Component(
        name=name,
        version=tag,
        type=ComponentType.CONTAINER,
        bom_ref=purl.to_string(),
        purl=purl,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest.removeprefix("sha256:"))]
        if digest
        else [],
    )


def _distribution(version: str) -> Component:
    return Component(
        name="supamanager",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref="supamanager",
        purl=PackageURL("pypi", name="supamanager", version=version),
        licenses=_license(),
    )


def _license() -> list[Any]:
    return [LicenseFactory().make_from_string("Apache-2.0")]


def _text(root: Component, parts: Iterable[Component], made: datetime) -> str:
    components = list(parts)
    identity = uuid.uuid5(_NAMESPACE, f"{root.name} {root.version} {made.isoformat()}")
    bom = Bom(components=components, serial_number=identity)
    bom.metadata.component = root
    bom.metadata.timestamp = made
    bom.register_dependency(root, components)
    text: str = JsonV1Dot6(bom).output_as_string(indent=2)
    return f"{text}\n"


def files(version: str, made: datetime) -> dict[str, str]:
    """All of a release, by their names."""
    images = {
        f"supamanager-{name}-{version}.cdx.json": image(name, version, made) for name in IMAGES
    }
    return {f"supamanager-{version}.cdx.json": product(version, made), **images}


def write(folder: Path, version: str, made: datetime) -> list[Path]:
    written = []
    for name, text in files(version, made).items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written
