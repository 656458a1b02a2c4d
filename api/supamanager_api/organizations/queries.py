"""Queries of organizations, their members and invitations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from supamanager_api import sql
from supamanager_api.organizations.model import (
    AccountIdRow,
    CountRow,
    InvitationRow,
    MemberRow,
    MembershipRow,
    NamedRow,
    OpenedRow,
    OrganizationRow,
    ProjectRoleRow,
    QuotaRow,
    RefRow,
    RoleIdRow,
    ScopedRow,
)
from supamanager_api.permissions import Role

CREATE_ORGANIZATION = sql.One[OrganizationRow, str, str]("CreateOrganization")
LOCK = sql.One[OrganizationRow, int]("LockOrganization")
LOCK_FOR_DELETION = sql.One[OrganizationRow, int]("LockOrganizationForDeletion")
UPDATE = sql.Exec[int, str | None, str | None, list[str] | None]("UpdateOrganization")
DELETE = sql.Exec[int]("DeleteOrganization")
REQUIRE_MFA = sql.Exec[int, bool]("RequireSecondFactors")
LOCK_BY_SLUG = sql.One[OrganizationRow, str]("LockOrganizationBySlug")
QUOTA = sql.One[QuotaRow, int]("GetQuota")
SAVE_QUOTA = sql.Exec[int, dict[str, Any]]("SaveQuota")
PROJECTS_LEFT = sql.Many[NamedRow, int]("ListProjectsLeft")
DISOWN_REMOVED = sql.Exec[int]("DisownRemovedProjects")

KEEP_ACCOUNT = sql.One[AccountIdRow, int]("KeepAccount")
CREATE_MEMBERSHIP = sql.Exec[int, int, Role]("CreateMembership")
MEMBERSHIP_BY_SLUG = sql.One[MembershipRow, int, str]("GetMembershipBySlug")
MEMBERSHIP_BY_ID = sql.One[MembershipRow, int, int]("GetMembershipById")
MEMBERSHIPS = sql.Many[MembershipRow, int, int | None, int | None]("GetMembershipsByAccount")

MEMBERS = sql.Many[MemberRow, int, UUID | None, int | None, int | None]("ListMembers")
ADD_MEMBER = sql.Exec[int, int, Role | None]("AddMember")
SET_ROLE = sql.Exec[int, int, Role | None]("SetMemberRole")
DELETE_MEMBER = sql.Exec[int, int]("DeleteMember")
QUEUE = sql.One[AccountIdRow, int]("QueueForOwner")
OWNED = sql.One[CountRow, int]("CountOwned")
OWNERS = sql.One[CountRow, int]("CountOwners")

PROJECT_ROLES = sql.Many[ProjectRoleRow, int]("ListProjectRoles")
SAVE_PROJECT_ROLE = sql.One[RoleIdRow, int, int, Role]("SaveProjectRole")
PROJECT_ROLE = sql.One[ScopedRow, int, int, int]("GetProjectRole")
NAME_PROJECT_ROLE = sql.Exec[int, str | None, str | None]("NameProjectRole")
DELETE_PROJECT_ROLE = sql.Exec[int, int, int]("DeleteProjectRole")
DELETE_PROJECT_ROLES = sql.Exec[int, int]("DeleteProjectRolesOfMember")
CLEAR_PROJECT_ROLE = sql.Exec[int]("ClearProjectRole")
FORGET_ROLES = sql.Exec[int]("ForgetProjectInRoles")
FILL_PROJECT_ROLE = sql.Exec[int, int, list[str]]("FillProjectRole")

SAVE_INVITATION = sql.One[InvitationRow, int, str, Role, bool, bytes, float]("SaveInvitation")
INVITATIONS = sql.Many[InvitationRow, int]("ListInvitations")
INVITATION = sql.One[InvitationRow, int, int]("GetInvitation")
INVITATION_COUNT = sql.One[CountRow, int]("CountInvitations")
DELETE_INVITATION = sql.Exec[int, int]("DeleteInvitation")
INVITATION_BY_TOKEN = sql.One[OpenedRow, bytes, str]("GetInvitationByToken")
CLEAR_INVITATION = sql.Exec[int]("ClearInvitation")
FORGET_INVITATIONS = sql.Exec[int]("ForgetProjectInInvitations")
FILL_INVITATION = sql.Exec[int, int, list[str]]("FillInvitation")
INVITATION_PROJECTS = sql.Many[RefRow, int]("ListInvitationProjects")
