"""What the environment says, read once at the start.

Every setting can also be given as a file: `NAME_FILE` holds the path of a file with the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from supamanager_api import errors, permissions, ratelimits
from supamanager_api import settingchecks as checks
from supamanager_api.accounts import emails
from supamanager_api.content import quotas as content_quotas
from supamanager_api.content.quotas import Quota as ContentAllowance
from supamanager_api.mails import smtp
from supamanager_api.organizations import quotas
from supamanager_api.organizations.quotas import Quota
from supamanager_api.permissions import Policy
from supamanager_api.projects import regions
from supamanager_api.projects.regions import Region

Secret = Annotated[SecretStr, AfterValidator(checks.secret)]
# Named here: in the class the names of its fields hide those of the modules.
Regions = Annotated[Mapping[str, Region], checks.parsed(regions.parse)]
Permissions = Annotated[Policy, checks.parsed(permissions.parse)]
OrganizationQuota = Annotated[Quota, checks.parsed(quotas.parse)]
ContentQuota = Annotated[ContentAllowance, checks.parsed(content_quotas.parse)]
Rates = Annotated[Mapping[str, ratelimits.Rule], checks.parsed(ratelimits.parse)]


class Settings(BaseModel):
    """The table of settings; the environment's name of each is its name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    database_url: Annotated[SecretStr, AfterValidator(checks.postgres_url)] = Field(
        description="The management database: a direct connection, since locks and LISTEN do not "
        "pass a transaction pooler."
    )
    port: int = Field(8080, ge=1, le=65535, description="The TCP port that is listened on.")
    jwt_secret: Secret = Field(
        description="Signs access tokens; at least 32 characters. A new value ends "
        "all of them; sessions go on with their refresh tokens."
    )
    encryption_secret: Secret = Field(
        description="Seals what people typed until the cluster has it; at least 32 characters."
    )
    allow_signup: bool = Field(False, description="Whether strangers may make an account.")
    domain_base: Annotated[str, AfterValidator(checks.domain)] = Field(
        description="Projects are reached at <ref>.<DOMAIN_BASE>."
    )
    domain_studio_url: Annotated[str, AfterValidator(checks.web_url)] = Field(
        description="The URL of Studio: the only origin that a browser may call from."
    )
    projects_namespace: Annotated[str, AfterValidator(checks.namespace)] = Field(
        "supamanager-projects", description="The namespace of projects that are made here."
    )
    watch_namespaces: Annotated[
        tuple[str, ...], AfterValidator(checks.namespaces), BeforeValidator(checks.parts)
    ] = Field(
        (), description="The namespaces whose projects are shown, separated by commas; `*` = all. "
        "Default: PROJECTS_NAMESPACE."
    )  # fmt: skip
    regions: Regions = Field(
        default_factory=lambda: regions.parse(regions.DEFAULT),
        description="JSON: code of a region → {name, nodeSelector, storageClass}.",
    )
    platform_admins: Annotated[
        frozenset[str], AfterValidator(checks.folded), BeforeValidator(checks.parts)
    ] = Field(
        frozenset(), description="E-mail addresses of the platform's administrators, separated by "
        "commas. One counts only once its account is confirmed: accounts.email_confirmed_at is set."
    )  # fmt: skip
    permissions: Permissions = Field(
        default_factory=lambda: permissions.DEFAULTS,
        description="JSON: role → list of {actions, resources, restrictive, condition}: what the "
        "role may do instead of the default.",
    )
    organization_quota: OrganizationQuota = Field(
        quotas.UNLIMITED,
        description="JSON: what the projects of an organization may take together, as "
        '`{"projects": 10, "cpu": "8", "memory": "32Gi", "storage": "200Gi"}`; what is missing has '
        "no limit.",
    )
    organizations_per_account: int = Field(
        50,
        ge=0,
        description="How many organizations an account may own before it may make no more; 0 = no "
        "limit.",
    )
    content_quota: ContentQuota = Field(
        content_quotas.DEFAULT,
        description="JSON: how many snippets, reports and log queries are kept about a project, "
        "and how many bytes; `own_` limits what one account has of them. What is missing keeps its "
        "default, null has no limit.",
    )
    service_url_template: Annotated[str, AfterValidator(checks.service_url)] = Field(
        "http://{project}-{component}.{namespace}.svc:{port}",
        description="Where a service of a project is reached from here.",
    )
    deletion_policy: Literal["Retain", "Delete"] = Field(
        "Retain", description="What becomes of the data of a deleted project; for new projects."
    )

    domain_dns_hook_key: SecretStr = Field(
        SecretStr(""), description="Sent to DOMAIN_DNS_HOOK_URL as the header X-Api-Key."
    )
    domain_dns_hook_url: Annotated[str, AfterValidator(checks.optional_url)] = Field(
        "", description="Is sent a POST for each name of a project that comes or goes."
    )

    @field_validator("domain_dns_hook_url")
    @classmethod
    def _hook_has_a_key(cls, value: str, info: ValidationInfo) -> str:
        key = info.data.get("domain_dns_hook_key")
        if value and not (key and key.get_secret_value()):
            raise ValueError("needs DOMAIN_DNS_HOOK_KEY")
        return value

    api_external_url: Annotated[str, AfterValidator(checks.optional_url)] = Field(
        "", description="The URL of this API as people reach it: links in mails begin with it."
    )
    smtp_admin_email: str = Field("", description="The address that mails come from.")
    smtp_sender_name: str = Field("SupaManager", description="The name that mails come from.")
    smtp_port: int = Field(587, ge=1, le=65535, description="The TCP port of SMTP_HOST.")
    smtp_user: str = Field("", description="The name to sign in to SMTP_HOST with, if it asks.")
    smtp_pass: SecretStr = Field(SecretStr(""), description="The password of SMTP_USER.")
    smtp_security: smtp.Security = Field(
        "starttls", description="How the connection to SMTP_HOST is encrypted: `starttls`, `tls` "
        "from the first byte (port 465), or `none`. Certificates are checked; an own authority is "
        "named by SSL_CERT_FILE."
    )  # fmt: skip
    smtp_host: str = Field(
        "", description="The SMTP server. Without it no mail is sent: addresses are not confirmed "
        "and passwords cannot be reset. Needs SMTP_ADMIN_EMAIL and API_EXTERNAL_URL."
    )  # fmt: skip

    mailer_autoconfirm: bool = Field(
        False, description="With SMTP_HOST: whether an account is made at once, without a mail "
        "that confirms its address."
    )  # fmt: skip
    rate_limits: Rates = Field(
        default_factory=dict, description="JSON: name of a limit → [how often at once, seconds "
        'until once more], as `{"sign-in": [20, 30]}`. The names are in `ratelimits.py`.'
    )  # fmt: skip
    trusted_proxies: str = Field(
        "127.0.0.1", description="Addresses and networks, separated by commas, of proxies whose "
        "X-Forwarded-For is believed; `*` = all. Limits per address need it behind an ingress."
    )  # fmt: skip

    @field_validator("smtp_host")
    @classmethod
    def _all_of_smtp(cls, value: str, info: ValidationInfo) -> str:
        if value:
            for needed in ("smtp_admin_email", "api_external_url"):
                if info.data.get(needed) == "":
                    raise ValueError(f"needs {needed.upper()} too")
        return value

    @field_validator("smtp_admin_email")
    @classmethod
    def _sender(cls, value: str) -> str:
        if value and not emails.valid(value):
            raise ValueError("is not an e-mail address")
        return value

    @model_validator(mode="before")
    @classmethod
    def _watch_own_projects(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("watch_namespaces"):
            own = data.get("projects_namespace", cls.model_fields["projects_namespace"].default)
            return {**data, "watch_namespaces": (own,)}
        return data


def read(environment: Mapping[str, str]) -> Settings:
    """The settings of an environment; variables that are no settings are not looked at.

    Raises:
        SettingsError: names every setting that is missing or wrong, never a secret's value.
    """
    values: dict[str, str] = {}
    problems: dict[str, str] = {}
    for field in Settings.model_fields:
        name = field.upper()
        try:
            value = _value(environment, name)
        except ValueError as error:
            problems[name] = str(error)
        else:
            if value is not None:
                values[field] = value
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        for details in error.errors(include_input=False, include_url=False):
            name = str(details["loc"][0]).upper()
            problems.setdefault(name, _text(details["type"], details["msg"]))
    else:
        if not problems:
            return settings
    lines = "".join(f"\n  {name} {problem}" for name, problem in problems.items())
    raise errors.SettingsError(f"the environment does not make a configuration:{lines}")


def database_url(environment: Mapping[str, str]) -> str:
    """The one setting that commands on the management database need.

    Raises:
        SettingsError
    """
    try:
        value = _value(environment, "DATABASE_URL")
        if value is not None:
            return checks.postgres_url(SecretStr(value)).get_secret_value()
        problem = "is missing"
    except ValueError as error:
        problem = str(error)
    raise errors.SettingsError(f"DATABASE_URL {problem}")


def _value(environment: Mapping[str, str], name: str) -> str | None:
    """The value of one setting; an empty one is none."""
    value = environment.get(name) or None
    path = environment.get(f"{name}_FILE") or None
    if path is None:
        return value
    if value is not None:
        raise ValueError(f"is set, and so is {name}_FILE: use one of them")
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n") or None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ValueError(f"cannot be read from {path}: {reason}") from None


def _text(kind: str, message: str) -> str:
    if kind == "missing":
        return "is missing"
    own = message.removeprefix("Value error, ")
    return own if own != message else f"is wrong: {message}"
