"""A project's database: one, without replicas and without a pooler in front of it."""

from __future__ import annotations

from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from supamanager_api.deps import ContextDep, PrincipalDep, ProjectDep
from supamanager_api.http.answers import Instant
from supamanager_api.http.platform import project_shapes as shapes
from supamanager_api.http.routing import Router
from supamanager_api.projects import database, sizes
from supamanager_api.projects.endpoints import DatabaseEndpoint, Endpoint
from supamanager_api.projects.model import ProjectRow
from supamanager_api.projects.status import Word

router = Router(tags=["databases"])


class Place(TypedDict):
    db_host: str
    db_port: int
    db_name: str
    db_user: str


class DatabaseStatus(TypedDict):
    identifier: str
    status: Word


class DatabaseOut(Place, DatabaseStatus):
    connectionString: str
    connection_string_read_only: str | None
    restUrl: str
    region: str
    size: str
    cloud_provider: str
    inserted_at: Instant


class Pgbouncer(Place):
    pgbouncer_enabled: bool
    pool_mode: str
    connection_string: str
    db_dns_name: str
    ssl_enforced: bool
    inserted_at: Instant


@router.get("/projects/{ref}/databases", response_model=list[DatabaseOut])
async def list_databases(
    project: ProjectDep, context: ContextDep, principal: PrincipalDep
) -> JSONResponse:
    """`connectionString` is there from the start: Studio asks once, and not when it comes up."""
    conditions = await context.projects.conditions(project)
    primary: DatabaseOut = {
        "identifier": project.project_ref,
        **_place(project),
        "connectionString": context.connections.seal(project.project_ref, principal.account.id),
        "connection_string_read_only": None,
        "restUrl": Endpoint.of(project).rest_url,
        "region": project.region,
        "size": sizes.of(project),
        "status": database.word(project, conditions),
        "cloud_provider": shapes.provider(project.cloud_provider),
        "inserted_at": shapes.instant(project.created_at),
    }
    return JSONResponse([primary])


@router.get("/projects/{ref}/databases-statuses", response_model=list[DatabaseStatus])
async def list_database_statuses(project: ProjectDep, context: ContextDep) -> JSONResponse:
    conditions = await context.projects.conditions(project)
    told: DatabaseStatus = {
        "identifier": project.project_ref,
        "status": database.word(project, conditions),
    }
    return JSONResponse([told])


@router.get("/projects/{ref}/config/pgbouncer", response_model=Pgbouncer)
async def get_pgbouncer_config(project: ProjectDep) -> JSONResponse:
    """There is no pooler: a connection is a session at the server itself."""
    place = _place(project)
    told: Pgbouncer = {
        "pgbouncer_enabled": False,
        "pool_mode": "session",
        "connection_string": (
            f"postgresql://{place['db_user']}:[YOUR-PASSWORD]"
            f"@{place['db_host']}:{place['db_port']}/{place['db_name']}"
        ),
        **place,
        "db_dns_name": place["db_host"],
        "ssl_enforced": False,
        "inserted_at": shapes.instant(project.created_at),
    }
    return JSONResponse(told)


def _place(row: ProjectRow) -> Place:
    endpoint = DatabaseEndpoint.of(row)
    return {
        "db_host": endpoint.host,
        "db_port": endpoint.port,
        "db_name": database.NAME,
        "db_user": database.USER,
    }
