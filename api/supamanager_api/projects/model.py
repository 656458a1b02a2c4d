"""Rows of projects, and what a request for a new one says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from supamanager_api.organizations.model import MembershipRow, Scoped
from supamanager_api.permissions import Role
from supamanager_api.projects.intents import Document
from supamanager_api.projects.regions import Region
from supamanager_api.projects.status import Word


@dataclass(frozen=True)
class ProjectRow:
    """A project: columns as `sql/migrations/0002_projects.sql` tells them."""

    id: int
    project_ref: str
    project_name: str
    organization_id: int | None
    organization_slug: str | None
    status: Word
    cloud_provider: str
    region: str
    created_at: datetime
    updated_at: datetime
    namespace: str
    resource_name: str
    resource_uid: str | None
    removed_at: datetime | None
    intent: Document
    intent_revision: int
    organization_label: str | None
    applied_intent: Document
    applied_revision: int
    left_out: list[dict[str, str]]
    apply_error: dict[str, Any] | None
    deletion_requested_at: datetime | None
    deletion_sent: bool
    claim: int
    claimed_until: datetime | None
    attempt: int
    next_attempt_at: datetime
    mirror_epoch: int | None
    resource_version: str | None
    organization_seen: str | None
    label_revision: int
    label_version: int | None
    generation: int
    observed_generation: int
    deleting: bool
    live: dict[str, Any]
    observed: dict[str, Any]
    endpoints: dict[str, Any]
    summary: str | None
    facts: dict[str, Any]
    former_uid: str | None

    @property
    def pending(self) -> bool:
        """Whether the applier has still to apply the newest intent."""
        return self.intent_revision > self.applied_revision

    @property
    def moving(self) -> bool:
        """Whether the label of a transfer has still to be applied."""
        return self.label_revision > self.applied_revision


@dataclass(frozen=True)
class EnteredRow(ProjectRow):
    """A project with what an account is in its organization: for a stranger, None."""

    organization_name: str | None
    role: Role | None
    scoped: Scoped | None
    billing_email: str | None
    opt_in_tags: list[str] | None
    requires_mfa: bool | None

    @property
    def membership(self) -> MembershipRow | None:
        if self.organization_id is None or self.organization_name is None:
            return None
        return MembershipRow(
            organization_id=self.organization_id,
            slug=self.organization_slug or "",
            name=self.organization_name,
            role=self.role,
            scoped=self.scoped or [],
            billing_email=self.billing_email,
            opt_in_tags=self.opt_in_tags or [],
            requires_mfa=bool(self.requires_mfa),
        )


@dataclass(frozen=True)
class ListedRow:
    project_ref: str
    project_name: str
    item: str
    """What a list says of it: an object as JSON text."""
    created_at: datetime | None
    """Only read for pages."""


@dataclass(frozen=True)
class ToldRow:
    items: str | None
    """None for no project."""


@dataclass(frozen=True)
class RetainedRow:
    """A project whose resource was deleted and whose data was kept."""

    project_ref: str
    project_name: str
    organization_slug: str | None
    region: str
    created_at: datetime
    removed_at: datetime


@dataclass(frozen=True)
class MirroredRow:
    """What decides about the owner of a mirrored project, and whether it is still there."""

    id: int
    namespace: str
    resource_uid: str | None
    organization_id: int | None
    organization_label: str | None
    organization_seen: str | None
    resource_version: str | None
    label_revision: int
    label_version: int | None
    applied_revision: int


@dataclass(frozen=True)
class ConditionRow:
    type: str
    status: str
    reason: str
    message: str
    last_transition_time: datetime


@dataclass(frozen=True)
class SpecRow:
    """`former` is the spec that another one took the place of, if it is known."""

    former: dict[str, Any] | None


@dataclass(frozen=True)
class ComponentRow:
    name: str
    version: str


@dataclass(frozen=True)
class InputRow:
    id: int
    key: str
    sealed: bytes


@dataclass(frozen=True)
class IdRow:
    id: int


@dataclass(frozen=True)
class CountRow:
    count: int


@dataclass(frozen=True)
class RefRow:
    ref: str


@dataclass(frozen=True)
class EpochRow:
    epoch: int


@dataclass(frozen=True)
class AgeRow:
    seconds: float | None


@dataclass(frozen=True)
class HeldRow:
    held: bool


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A project that is asked for."""

    name: str
    organization_id: int
    organization_slug: str
    cloud_provider: str
    region: Region
    spec: Document
    """What the request says of the spec, beyond its name and region."""
    database_password: str | None = None


Place: TypeAlias = tuple[str, datetime, int] | tuple[None, None, None]
"""Name, time and id of the project that others come after; Nones for the first ones."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which of the visible projects are listed, and how."""

    search: str | None = None
    statuses: tuple[str, ...] | None = None
    sort: str = "created_asc"
    providers: tuple[str, ...] | None = None
    """The cloud providers that the reader knows; others are told as AWS. None: it knows all."""
    limit: int | None = None
    offset: int = 0
    after: Place = (None, None, None)


@dataclass(frozen=True, kw_only=True)
class Visible:
    """The projects that an account may see: those of whole organizations but the `hidden` ones,
    single ones by ref, and those of no organization."""

    organization_ids: tuple[int, ...] = ()
    hidden: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    unclaimed: bool = False


@dataclass(frozen=True)
class Page:
    count: int
    rows: list[ListedRow]
