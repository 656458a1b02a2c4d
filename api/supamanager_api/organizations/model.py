"""Rows of organizations, and who changes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from supamanager_api.permissions import ROLE_IDS, Held, Permission, Role

Scoped = list[dict[str, Any]]
"""Roles in some of the projects: `{id, role, projects: [{id, ref}]}`."""


def held(role: Role | None, scoped: Scoped) -> tuple[Held, ...]:
    whole = () if role is None else (Held(role),)
    return whole + tuple(
        Held(Role(each["role"]), frozenset(project["ref"] for project in each["projects"]))
        for each in scoped
    )


@dataclass(frozen=True)
class OrganizationRow:
    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class MembershipRow:
    """An organization as one of its members sees it; `role` is the one in all of it."""

    organization_id: int
    slug: str
    name: str
    role: Role | None
    scoped: Scoped = field(default_factory=list)
    billing_email: str | None = None
    opt_in_tags: list[str] = field(default_factory=list)
    requires_mfa: bool = False
    """Whether it only lets in who has a second factor."""

    @property
    def project_ids(self) -> dict[str, int]:
        """The ids of the projects that a role is limited to, by their refs."""
        return {
            project["ref"]: project["id"] for each in self.scoped for project in each["projects"]
        }

    @property
    def roles(self) -> tuple[Held, ...]:
        """What the member may do is decided by these."""
        return held(self.role, self.scoped)


@dataclass(frozen=True)
class MemberRow:
    account_id: int
    gotrue_id: UUID
    email: str
    username: str
    role: Role | None
    scoped: Scoped
    second_factor: bool

    @property
    def roles(self) -> tuple[Held, ...]:
        return held(self.role, self.scoped)

    @property
    def role_ids(self) -> list[int]:
        whole = [] if self.role is None else [ROLE_IDS[self.role]]
        return whole + [each["id"] for each in self.scoped]


@dataclass(frozen=True)
class ProjectRoleRow:
    """`projects`: `{ref, name}`."""

    id: int
    role: Role
    name: str | None
    description: str | None
    projects: list[dict[str, Any]]


@dataclass(frozen=True)
class AccountIdRow:
    id: int


@dataclass(frozen=True)
class RoleIdRow:
    id: int


@dataclass(frozen=True)
class ScopedRow:
    id: int
    role: Role


@dataclass(frozen=True)
class InvitationRow:
    id: int
    email: str
    role: Role
    invited_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class OpenedRow:
    """An invitation, as whoever has its token finds it."""

    id: int
    organization_id: int
    organization_name: str
    email: str
    role: Role
    limited: bool
    expired: bool


@dataclass(frozen=True)
class RefRow:
    project_ref: str


@dataclass(frozen=True)
class NamedRow:
    project_ref: str
    project_name: str


@dataclass(frozen=True)
class QuotaRow:
    quota: dict[str, Any]


@dataclass(frozen=True)
class CountRow:
    count: int


@dataclass(frozen=True)
class Actor:
    """Who changes an organization. `decide` asks for a permission, given what is known of the
    resource, and raises Forbidden."""

    account_id: int
    decide: Callable[[MembershipRow, Permission, Mapping[str, Any]], None]
