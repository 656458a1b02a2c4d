"""Queries of organizations and memberships."""

from __future__ import annotations

from supamanager_api import sql
from supamanager_api.organizations.model import MembershipRow, OrganizationRow
from supamanager_api.permissions import Role

CREATE_ORGANIZATION = sql.One[OrganizationRow, str, str]("CreateOrganization")
CREATE_MEMBERSHIP = sql.Exec[int, int, Role]("CreateMembership")
MEMBERSHIP_BY_SLUG = sql.One[MembershipRow, int, str]("GetMembershipBySlug")
MEMBERSHIP_BY_ID = sql.One[MembershipRow, int, int]("GetMembershipById")
MEMBERSHIPS = sql.Many[MembershipRow, int]("GetMembershipsByAccount")
