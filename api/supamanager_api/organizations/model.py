"""Rows of organizations."""

from __future__ import annotations

from dataclasses import dataclass

from supamanager_api.permissions import Role


@dataclass(frozen=True)
class OrganizationRow:
    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class MembershipRow:
    """An organization as one of its members sees it."""

    organization_id: int
    slug: str
    name: str
    role: Role
