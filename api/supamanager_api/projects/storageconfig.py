"""The object storage's settings as Studio writes them."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from supamanager_api.projects import state
from supamanager_api.projects.model import ProjectRow
from supamanager_kube.project import Storage


class Switch(TypedDict):
    enabled: bool


class Catalog(Switch):
    maxCatalogs: int
    maxNamespaces: int
    maxTables: int


class Vectors(Switch):
    maxBuckets: int
    maxIndexes: int


class Features(TypedDict):
    imageTransformation: Switch
    s3Protocol: Switch
    icebergCatalog: Catalog
    vectorBuckets: Vectors


class Capabilities(TypedDict):
    list_v2: bool
    iceberg_catalog: bool


class External(TypedDict):
    upstreamTarget: str


class StorageConfig(TypedDict):
    fileSizeLimit: int
    isFreeTier: bool
    features: Features
    capabilities: Capabilities
    external: External
    migrationVersion: str
    databasePoolMode: str


def told(row: ProjectRow) -> StorageConfig:
    """Buckets for tables and vectors are not part of the stack."""
    spec = state.spec(row)
    storage = Storage.model_validate(spec.get("storage") or {})
    images = (spec.get("services") or {}).get("imgproxy", {}).get("enabled") is not False
    return {
        "fileSizeLimit": storage.file_size_limit,
        "isFreeTier": False,
        "features": {
            "imageTransformation": {"enabled": storage.image_transformation and images},
            "s3Protocol": {"enabled": True},
            "icebergCatalog": {
                "enabled": False,
                "maxCatalogs": 0,
                "maxNamespaces": 0,
                "maxTables": 0,
            },
            "vectorBuckets": {"enabled": False, "maxBuckets": 0, "maxIndexes": 0},
        },
        "capabilities": {"list_v2": False, "iceberg_catalog": False},
        "external": {"upstreamTarget": "main"},
        "migrationVersion": "",
        "databasePoolMode": "",
    }


def change(*, file_size_limit: int | None, image_transformation: bool | None) -> dict[str, Any]:
    """The change of the spec; what is None stays."""
    storage: dict[str, Any] = {}
    if file_size_limit is not None:
        storage["fileSizeLimit"] = file_size_limit
    if image_transformation is not None:
        storage["imageTransformation"] = image_transformation
    return {"storage": storage} if storage else {}
