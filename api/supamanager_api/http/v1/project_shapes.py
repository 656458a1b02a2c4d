"""Projects as the command line, Terraform and other programs read them."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel

from supamanager_api.http.platform import project_shapes as shapes
from supamanager_api.projects.endpoints import DatabaseEndpoint
from supamanager_api.projects.model import ProjectRow


class V1DatabaseOut(BaseModel):
    """`version` and `postgres_engine` are empty until the operator has reported them."""

    host: str
    version: str
    postgres_engine: str
    release_channel: str = "ga"


class V1ProjectOut(BaseModel):
    """The id of a project is its ref, and that of an organization its slug."""

    id: str
    ref: str
    organization_id: str
    organization_slug: str
    name: str
    region: str
    created_at: str
    status: str

    @classmethod
    def of(cls, row: ProjectRow) -> Self:
        """A project of no organization, as administrators of the platform see it, has none here."""
        slug = row.organization_slug or ""
        return cls(
            id=row.project_ref,
            ref=row.project_ref,
            organization_id=slug,
            organization_slug=slug,
            name=row.project_name,
            region=row.region,
            created_at=shapes.instant(row.created_at),
            status=row.status,
        )


class V1ProjectWithDatabaseOut(V1ProjectOut):
    database: V1DatabaseOut

    @classmethod
    def of(cls, row: ProjectRow) -> Self:
        version = next(iter(shapes.versions(row)), {"version": "", "postgres_engine": ""})
        database = V1DatabaseOut(
            host=DatabaseEndpoint.of(row).host,
            version=version["version"],
            postgres_engine=version["postgres_engine"],
        )
        return cls(**V1ProjectOut.of(row).model_dump(), database=database)
