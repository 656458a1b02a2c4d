"""The typed form of `SupabaseProject`: the same fields, defaults and names as the CRD.

The API server validates and defaults; this model only gives what it stored a type. A test holds it
against `crds/` in both directions.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    """Unknown fields are ignored: a newer CRD may have more."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class SecretKeyRef(Model):
    name: str
    key: str


class EnvVarSource(Model):
    secret_key_ref: SecretKeyRef


class EnvVar(Model):
    name: str
    value: str | None = None
    value_from: EnvVarSource | None = None


class Toleration(Model):
    key: str | None = None
    operator: Literal["Exists", "Equal"] | None = None
    value: str | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    toleration_seconds: int | None = None


class TopologySpread(Model):
    max_skew: int = 1
    topology_key: str
    when_unsatisfiable: Literal["DoNotSchedule", "ScheduleAnyway"] = "ScheduleAnyway"


class ResourceList(Model):
    cpu: str | int | None = None
    memory: str | int | None = None


class Resources(Model):
    requests: ResourceList | None = None
    limits: ResourceList | None = None


class Service(Model):
    """`spec.services.<component>`: what one component does otherwise than its release says."""

    enabled: bool | None = None
    image: str | None = None
    replicas: int | None = None
    resources: Resources | None = None
    env: list[EnvVar] = []
    node_selector: dict[str, str] = {}
    tolerations: list[Toleration] = []
    priority_class_name: str | None = None


class Http(Model):
    host: str | None = None
    scheme: Literal["http", "https"] = "https"


class AuthEmail(Model):
    enabled: bool = True
    autoconfirm: bool = False


class Auth(Model):
    site_url: str | None = Field(None, alias="siteURL")
    redirect_urls: list[str] = Field([], alias="redirectURLs")
    jwt_expiry_seconds: int = 3600
    disable_signup: bool = False
    email: AuthEmail = AuthEmail()
    phone: bool = False
    anonymous_users: bool = False


class Volume(Model):
    size: str | int | None = None
    class_name: str | None = None


class ManagedDatabase(Model):
    postgres_version: Literal[15, 17] | None = None
    storage: Volume = Volume()
    parameters: dict[str, str] = {}


class Database(Model):
    managed: ManagedDatabase | None = None


class FileStorage(Model):
    size: str | int | None = None
    class_name: str | None = None


class Storage(Model):
    file: FileStorage | None = None
    file_size_limit: int = 52428800
    image_transformation: bool = True


class Rest(Model):
    schemas: list[str] = ["public", "storage", "graphql_public"]
    max_rows: int = 1000
    extra_search_path: list[str] = ["public", "extensions"]


class Functions(Model):
    verify_jwt: bool = Field(True, alias="verifyJWT")


class Studio(Model):
    organization_name: str = "Default Organization"
    project_name: str | None = None


class Network(Model):
    policy: Literal["Enabled", "Disabled"] = "Enabled"
    database_allowed_cidrs: list[str] = Field([], alias="databaseAllowedCIDRs")


class Placement(Model):
    node_selector: dict[str, str] = {}
    tolerations: list[Toleration] = []
    topology_spread: list[TopologySpread] = []


class Restart(Model):
    """Times are written in one form, so the order of the texts is theirs."""

    at: str | None = None
    services: dict[str, str] = {}

    def asked(self, component: str) -> str:
        """The newest time at which a restart of the component was asked for; empty for none."""
        return max(self.at or "", self.services.get(component, ""))


Size = Literal["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"]


class Spec(Model):
    display_name: str | None = None
    version: str | None = None
    paused: bool = False
    size: Size = "small"
    deletion_policy: Literal["Retain", "Delete"] = "Retain"
    deletion_protection: bool = False
    http: Http = Http()
    auth: Auth = Auth()
    database: Database = Database()
    storage: Storage = Storage()
    rest: Rest = Rest()
    functions: Functions = Functions()
    studio: Studio = Studio()
    services: dict[str, Service] = {}
    network: Network = Network()
    placement: Placement = Placement()
    restart: Restart = Restart()
    inputs_revision: Annotated[int, Field(ge=0)] = 0


def _time(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a time without a zone")
    return text


class Condition(Model):
    type: str
    status: Literal["True", "False", "Unknown"]
    reason: str
    message: str = ""
    observed_generation: int | None = None
    last_transition_time: Annotated[str, AfterValidator(_time)]


class ComponentStatus(Model):
    name: str
    replicas: int
    ready_replicas: int
    version: str


class Endpoints(Model):
    api: str | None = None
    studio: str | None = None
    database: str | None = None


class SecretRefs(Model):
    keys: str | None = None
    database: str | None = None
    dashboard: str | None = None


class ApiKey(Model):
    """A copy of what `<p>-keys` lists; never the value."""

    id: str
    name: str
    type: Literal["publishable", "secret"]
    state: Literal["active", "revoked"]


class VolumeStatus(Model):
    name: str
    size: str


class Status(Model):
    """Whoever may write a status can write one that the operator never would: what it cannot read
    is as if it were not there, so that the next visit writes it anew."""

    observed_generation: int = -1
    conditions: list[Condition] = []
    components: list[ComponentStatus] = []
    volumes: list[VolumeStatus] = []
    endpoints: Endpoints = Endpoints()
    secret_refs: SecretRefs = SecretRefs()
    api_keys: list[ApiKey] = []
    version: str | None = None
    postgres_version: int | None = None
    summary: str | None = None

    @field_validator("*", mode="wrap")
    @classmethod
    def _readable(
        cls, value: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Any:
        def usable(part: Any) -> bool:
            try:
                validate(part)
            except ValidationError:
                return False
            return True

        if isinstance(value, list):
            return validate([entry for entry in value if usable([entry])])
        default = cls.model_fields[str(info.field_name)].default
        return validate(value) if usable(value) else default

    def condition(self, type_: str) -> Condition | None:
        return next((entry for entry in self.conditions if entry.type == type_), None)


class Metadata(Model):
    name: str
    namespace: str
    uid: str
    generation: int = 0
    resource_version: str = ""
    creation_timestamp: str = ""
    deletion_timestamp: str | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    finalizers: list[str] = []


class SupabaseProject(Model):
    metadata: Metadata
    spec: Spec = Spec()
    status: Status = Status()

    @property
    def key(self) -> tuple[str, str]:
        return self.metadata.namespace, self.metadata.name


def parse(body: dict[str, Any]) -> SupabaseProject:
    """The typed resource of a raw body.

    Raises:
        pydantic.ValidationError: the body is not of the CRD's shape.
    """
    return SupabaseProject.model_validate(body)
