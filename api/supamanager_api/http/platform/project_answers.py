"""What is told of a project, as types: the shapes of `project_shapes`."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from supamanager_api.http.answers import Instant, Status
from supamanager_api.projects.status import Word


class Extras(TypedDict):
    subscription_id: str | None
    is_branch_enabled: bool
    is_physical_backups_enabled: bool
    preview_branch_refs: list[str]


class Listed(TypedDict):
    """What PostgreSQL writes of an item."""

    id: int
    ref: str
    name: str
    organization_id: int | None
    organization_slug: str | None
    status: Status
    cloud_provider: str
    region: str
    inserted_at: Instant
    infra_compute_size: str


class Brief(Listed, Extras):
    pass


class MemberDatabase(TypedDict):
    identifier: str
    type: Literal["PRIMARY"]
    status: Status
    region: str
    cloud_provider: str
    infra_compute_size: str


class Member(Brief):
    is_branch: bool
    databases: list[MemberDatabase]


class Pagination(TypedDict):
    count: int
    limit: int
    offset: int


class Briefs(TypedDict):
    pagination: Pagination
    projects: list[Brief]


class Members(TypedDict):
    pagination: Pagination
    projects: list[Member]


class Common(TypedDict):
    id: int
    ref: str
    name: str
    organization_id: int | None
    organization_slug: str | None
    status: Word
    cloud_provider: str
    region: str
    inserted_at: Instant
    updated_at: Instant
    db_host: str
    db_dns_name: str
    db_port: int
    db_name: str
    db_user: str


class Made(Common, Extras):
    """The keys are empty: they do not exist yet."""

    endpoint: str
    anon_key: str
    service_key: str
    infra_compute_size: str


class Refusal(TypedDict):
    """Why the cluster did not take the newest change."""

    code: int
    message: str


class LeftOut(TypedDict):
    """A field that is not applied, since somebody else owns it in the cluster."""

    field: str
    owner: str


class Measures(TypedDict, total=False):
    dbVersion: str
    volumeSizeGb: int


class Detail(Common, Extras, Measures):
    """`connectionString` is a sealed name of the project."""

    connectionString: str
    restUrl: str
    high_availability: bool
    is_read_replicas_enabled: bool
    infra_compute_size: str
    size: str
    deletion_protection: bool
    apply_error: Refusal | None
    left_out: list[LeftOut]


class PostgresVersion(TypedDict):
    postgres_engine: str
    release_channel: str
    version: str


class Versions(TypedDict):
    available_versions: list[PostgresVersion]


class Rest(TypedDict):
    can_restore: bool
    last_paused_on: Instant | None
    latest_downloadable_backup_id: int | None
    max_days_till_restore_disabled: int
    remaining_days_till_restore_disabled: int | None


class ComponentStatus(TypedDict):
    name: str
    status: str
    reason: str
    message: str


class Report(TypedDict):
    status: Word
    reason: str | None
    message: str
    summary: str | None
    components: list[ComponentStatus]
    apply_error: Refusal | None
    left_out: list[LeftOut]


class Ended(TypedDict):
    id: int
    ref: str
    name: str


class Restored(TypedDict):
    id: int
    ref: str
    organization_id: int | None
    status: Word
    region: str
    cloud_provider: str
    back_ups: list[dict[str, Any]]


class ServiceKey(TypedDict):
    id: int
    name: str
    tags: str
    api_key: str


class App(TypedDict):
    id: int
    name: str


class AppConfig(TypedDict):
    endpoint: str
    protocol: str
    db_schema: str


class AppConfigWithStorage(AppConfig):
    storage_endpoint: str


class ProjectRef(TypedDict):
    ref: str


class Service(TypedDict):
    id: int
    name: str
    app: App
    app_config: AppConfig
    service_api_keys: list[ServiceKey]
    protocol: str
    endpoint: str
    restUrl: str
    project: ProjectRef
    defaultApiKey: str
    serviceApiKey: str


class AutoApi(TypedDict):
    autoApiService: Service


class JwtSecret(TypedDict):
    """Left out where there is none, or the role may not read it."""

    jwt_secret: NotRequired[str]


class SettingsOfProject(Common, JwtSecret):
    db_ssl: bool
    preview_branch_refs: list[str]


class Settings(Common, JwtSecret):
    db_ip_addr_config: str
    ssl_enforced: bool
    app_config: AppConfigWithStorage
    service_api_keys: list[ServiceKey]
    project: SettingsOfProject
    services: list[Service]


class Retained(TypedDict):
    ref: str
    name: str
    organization_slug: str | None
    region: str
    inserted_at: Instant
    removed_at: Instant


class RetainedPage(TypedDict):
    pagination: Pagination
    projects: list[Retained]
