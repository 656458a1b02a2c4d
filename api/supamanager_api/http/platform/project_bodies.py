"""The body of a request for a new project: the original product's and those of Studio.

What cannot be done is refused, not ignored: a person who asks for it would rely on it. The plan is
the exception (`db_pricing_tier_id`, `plan`): forms always send one, and nothing is paid for here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AliasChoices, AliasPath, Field, SecretStr, StringConstraints, field_validator

from supamanager_api import errors
from supamanager_api.http.bodies import Body, Name, Text
from supamanager_api.organizations.model import MembershipRow
from supamanager_api.projects import regions
from supamanager_api.projects.intents import Document
from supamanager_api.projects.model import Wish
from supamanager_api.projects.regions import Region
from supamanager_kube import passwords

_LONGEST_PASSWORD: Final = 256

Size = Literal["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"]
Engine = Literal["15", "17"]
Channel = Literal["ga"]


class RegionSelection(Body):
    type: Literal["specific", "smartGroup"] = "specific"
    code: Text

    def find(self, places: Mapping[str, Region]) -> Region | None:
        if self.type == "smartGroup":
            return regions.group(places, self.code)
        return regions.find(places, self.code)


class RestoreProject(Body):
    postgres_engine: Engine | None = None
    release_channel: Channel | None = None

    @property
    def major(self) -> int | None:
        return int(self.postgres_engine) if self.postgres_engine else None


class CreateProject(Body):
    name: Name = Field(validation_alias=AliasChoices("name", "project_name"))
    organization_slug: Text | None = None
    org_id: int | None = Field(None, ge=0, lt=2**31)
    cloud_provider: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "K8S"
    region: Text | None = Field(None, validation_alias=AliasChoices("db_region", "region"))
    region_selection: RegionSelection | None = None
    db_pass: SecretStr | None = None
    desired_instance_size: Size | None = None
    postgres_engine: Engine | None = None
    release_channel: Channel | None = None
    image_version: Text | None = Field(
        None,
        validation_alias=AliasPath(
            "custom_supabase_internal_requests", "ami", "search_tags", "tag:postgresVersion"
        ),
    )
    auth_site_url: Text | None = None
    data_api_exposed_schemas: list[Text] | None = None
    data_api_use_api_schema: bool = False
    high_availability: bool = False
    db_sql: str | None = None
    template_url: str | None = None
    vercel_configuration_id: str | None = None

    @field_validator("db_pass")
    @classmethod
    def _usable(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else ""
        if len(text) > _LONGEST_PASSWORD or not passwords.usable(text):
            raise ValueError(f"must have at most {_LONGEST_PASSWORD} characters, {passwords.RULE}")
        return value if text else None

    def wish(self, membership: MembershipRow, places: Mapping[str, Region]) -> Wish:
        """Raises Invalid for what is not known or not possible here."""
        for field, asked in (
            ("data_api_use_api_schema", self.data_api_use_api_schema),
            ("high_availability", self.high_availability),
            ("db_sql", (self.db_sql or "").strip()),
            ("template_url", self.template_url),
            ("vercel_configuration_id", self.vercel_configuration_id),
        ):
            if asked:
                raise errors.Invalid(f"{field}: is not supported here")
        chosen = self.region_selection
        wanted = chosen.code if chosen else self.region
        region = chosen.find(places) if chosen else regions.find(places, wanted)
        if region is None:
            raise errors.Invalid(
                f"region: there is no region {wanted!r}; there are {_list(places)}"
            )
        return Wish(
            name=self.name,
            organization_id=membership.organization_id,
            organization_slug=membership.slug,
            cloud_provider=self.cloud_provider,
            region=region,
            spec=self._spec(),
            database_password=self.db_pass.get_secret_value() if self.db_pass else None,
        )

    def _spec(self) -> Document:
        spec: dict[str, Any] = {}
        if self.desired_instance_size:
            spec["size"] = self.desired_instance_size
        if major := self._postgres():
            spec["database"] = {"managed": {"postgresVersion": major}}
        if self.auth_site_url:
            spec["auth"] = {"siteURL": self.auth_site_url}
        if self.data_api_exposed_schemas:
            spec["rest"] = {"schemas": self.data_api_exposed_schemas}
        elif self.data_api_exposed_schemas is not None:
            spec["services"] = {"rest": {"enabled": False}}
        return spec

    def _postgres(self) -> int | None:
        version = self.postgres_engine or self.image_version
        if not version:
            return None
        major = version.partition(".")[0]
        if major not in ("15", "17"):
            raise errors.Invalid(f"PostgreSQL {version} is not offered; 15 and 17 are")
        return int(major)


def _list(places: Mapping[str, Region]) -> str:
    return ", ".join(f"{region.code} ({region.name})" for region in places.values())
