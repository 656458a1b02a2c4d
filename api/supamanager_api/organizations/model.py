"""Rows of organizations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from supamanager_api.permissions import Held, Role


@dataclass(frozen=True)
class OrganizationRow:
    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class MembershipRow:
    """An organization as one of its members sees it.

    `role` is the one in the organization as a whole; `scoped` are those in some of its projects:
    `{id, role, projects: [{id, ref}]}`.
    """

    organization_id: int
    slug: str
    name: str
    role: Role | None
    scoped: list[dict[str, Any]] = field(default_factory=list)

    @property
    def project_ids(self) -> dict[str, int]:
        """The ids of the projects that a role is limited to, by their refs."""
        return {
            project["ref"]: project["id"] for each in self.scoped for project in each["projects"]
        }

    @property
    def roles(self) -> tuple[Held, ...]:
        """What the member may do is decided by these."""
        whole = () if self.role is None else (Held(self.role),)
        return whole + tuple(
            Held(Role(each["role"]), frozenset(project["ref"] for project in each["projects"]))
            for each in self.scoped
        )
