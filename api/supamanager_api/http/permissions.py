"""What each route asks for: one table. A route without a row stops the start.

Keys are a method and a path as it is under the first prefix of its router; the same row holds for
every other prefix that the router is mounted under.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final, TypeAlias

from supamanager_api.http import metaroutes
from supamanager_api.permissions import Permission


class Open(enum.Enum):
    PUBLIC = enum.auto()
    """Anybody."""
    ACCOUNT = enum.auto()
    """Any account; the answer holds only what is its own."""
    SESSION = enum.auto()
    """The same, but a person who signed in, not a personal access token."""
    FIRST_FACTOR = enum.auto()
    """The same, also before the second factor was shown."""
    PLATFORM = enum.auto()
    """The platform's administrators."""


@dataclass(frozen=True)
class Member:
    """A member whose roles have the permission, in the organization of the path's `{slug}` or the
    project of its `{ref}`; without one of these the handler names the organization to
    `authorization.enter`.

    `anywhere`: a role that is limited to some of the projects is enough. `detailed`: conditions of
    grants speak about what the request names, so the handler asks `authorization.decide` as well.
    `removed`: also of a project whose resource is gone, to tell that it is or to delete it again.
    """

    permission: Permission
    anywhere: bool = False
    detailed: bool = False
    removed: bool = False


Access: TypeAlias = Open | Member


def _member(
    action: str,
    resource: str,
    *,
    anywhere: bool = False,
    detailed: bool = False,
    removed: bool = False,
) -> Member:
    return Member(Permission(action, resource), anywhere, detailed, removed)


ROUTES: Final[dict[tuple[str, str], Access]] = {
    ("GET", "/"): Open.PUBLIC,
    ("GET", "/healthz"): Open.PUBLIC,
    ("GET", "/readyz"): Open.PUBLIC,
    ("GET", "/status"): Open.PUBLIC,
    ("GET", "/metrics"): Open.PUBLIC,
    ("GET", "/openapi.json"): Open.PUBLIC,
    ("GET", "/auth/v1/health"): Open.PUBLIC,
    ("GET", "/auth/v1/settings"): Open.PUBLIC,
    ("POST", "/auth/v1/token"): Open.PUBLIC,
    ("POST", "/auth/v1/recover"): Open.PUBLIC,
    ("POST", "/auth/v1/resend"): Open.PUBLIC,
    ("POST", "/auth/v1/verify"): Open.PUBLIC,
    ("GET", "/auth/v1/verify"): Open.PUBLIC,
    ("POST", "/auth/v1/verify/link"): Open.PUBLIC,
    ("GET", "/auth/v1/user"): Open.FIRST_FACTOR,
    ("PUT", "/auth/v1/user"): Open.SESSION,
    ("POST", "/auth/v1/logout"): Open.FIRST_FACTOR,
    ("POST", "/auth/v1/factors"): Open.SESSION,
    ("POST", "/auth/v1/factors/{factor_id}/challenge"): Open.FIRST_FACTOR,
    ("POST", "/auth/v1/factors/{factor_id}/verify"): Open.FIRST_FACTOR,
    ("DELETE", "/auth/v1/factors/{factor_id}"): Open.SESSION,
    ("POST", "/platform/signup"): Open.PUBLIC,
    ("POST", "/platform/reset-password"): Open.PUBLIC,
    ("PUT", "/platform/update-email"): Open.SESSION,
    ("POST", "/platform/auth/login"): Open.PUBLIC,
    ("GET", "/platform/profile"): Open.ACCOUNT,
    ("POST", "/platform/profile"): Open.ACCOUNT,
    ("PATCH", "/platform/profile"): Open.ACCOUNT,
    ("DELETE", "/platform/profile"): Open.SESSION,
    ("GET", "/platform/profile/permissions"): Open.ACCOUNT,
    ("POST", "/platform/profile/password-check"): Open.ACCOUNT,
    ("POST", "/platform/profile/audit-login"): Open.FIRST_FACTOR,
    ("GET", "/platform/profile/sessions"): Open.SESSION,
    ("DELETE", "/platform/profile/sessions/{session_id}"): Open.SESSION,
    ("GET", "/platform/profile/access-tokens"): Open.SESSION,
    ("POST", "/platform/profile/access-tokens"): Open.SESSION,
    ("DELETE", "/platform/profile/access-tokens/{token_id}"): Open.SESSION,
    ("GET", "/platform/profile/scoped-access-tokens"): Open.ACCOUNT,
    ("POST", "/platform/cli/login"): Open.SESSION,
    ("GET", "/platform/cli/login/{session_id}"): Open.PUBLIC,
    ("GET", "/v1/profile"): Open.ACCOUNT,
    ("GET", "/v1/organizations"): Open.ACCOUNT,
    ("POST", "/v1/organizations"): Open.ACCOUNT,
    ("GET", "/v1/organizations/{slug}"): _member("read:Read", "organizations", anywhere=True),
    ("GET", "/v1/organizations/{slug}/members"): _member(
        "read:Read", "auth.subject_roles", anywhere=True
    ),
    ("GET", "/v1/organizations/{slug}/projects"): _member("read:Read", "projects", anywhere=True),
    ("GET", "/v1/organizations/{slug}/entitlements"): _member(
        "read:Read", "organizations", anywhere=True
    ),
    ("GET", "/v1/projects"): Open.ACCOUNT,
    ("POST", "/v1/projects"): _member("write:Create", "projects"),
    ("GET", "/v1/projects/available-regions"): _member("read:Read", "projects", anywhere=True),
    ("GET", "/v1/projects/{ref}"): _member("read:Read", "projects"),
    ("PATCH", "/v1/projects/{ref}"): _member("write:Update", "projects"),
    ("DELETE", "/v1/projects/{ref}"): _member("write:Delete", "projects", removed=True),
    ("POST", "/v1/projects/{ref}/pause"): _member("infra:Execute", "queue_jobs.projects.pause"),
    ("GET", "/v1/projects/{ref}/restore"): _member("read:Read", "projects"),
    ("POST", "/v1/projects/{ref}/restore"): _member(
        "infra:Execute", "queue_jobs.projects.initialize_or_resume"
    ),
    ("GET", "/v1/projects/{ref}/billing/addons"): _member("read:Read", "projects"),
    ("PATCH", "/v1/projects/{ref}/billing/addons"): _member("write:Update", "projects"),
    ("GET", "/platform/organizations"): Open.ACCOUNT,
    ("POST", "/platform/organizations"): Open.ACCOUNT,
    ("GET", "/platform/organizations/{slug}"): _member("read:Read", "organizations", anywhere=True),
    ("GET", "/platform/organizations/{slug}/projects"): _member(
        "read:Read", "projects", anywhere=True
    ),
    ("POST", "/platform/lost-factors"): Open.PLATFORM,
    ("GET", "/platform/retained-projects"): Open.PLATFORM,
    ("POST", "/platform/retained-projects/{ref}/restore"): Open.PLATFORM,
    ("GET", "/platform/projects/available-regions"): _member(
        "read:Read", "projects", anywhere=True
    ),
    ("POST", "/platform/organizations/{slug}/available-versions"): _member(
        "read:Read", "projects", anywhere=True
    ),
    ("GET", "/platform/organizations/{slug}/entitlements"): _member(
        "read:Read", "organizations", anywhere=True
    ),
    ("GET", "/platform/organizations/{slug}/billing/subscription"): _member(
        "billing:Read", "stripe.subscriptions", anywhere=True
    ),
    ("GET", "/platform/organizations/{slug}/usage"): _member(
        "read:Read", "organizations", anywhere=True
    ),
    ("GET", "/platform/organizations/{slug}/quotas"): _member(
        "read:Read", "organizations", anywhere=True
    ),
    ("PUT", "/platform/organizations/{slug}/quotas"): Open.PLATFORM,
    ("GET", "/platform/organizations/{slug}/members/reached-free-project-limit"): _member(
        "read:Read", "organizations", anywhere=True
    ),
    ("POST", "/platform/projects/{ref}/transfer"): _member("write:Update", "organizations"),
    ("POST", "/platform/projects/{ref}/transfer/preview"): _member("read:Read", "projects"),
    ("PATCH", "/platform/organizations/{slug}"): _member("write:Update", "organizations"),
    ("DELETE", "/platform/organizations/{slug}"): _member("write:Delete", "organizations"),
    ("GET", "/platform/organizations/{slug}/roles"): _member(
        "read:Read", "auth.roles", anywhere=True
    ),
    ("GET", "/platform/organizations/{slug}/members"): _member(
        "read:Read", "auth.subject_roles", anywhere=True
    ),
    ("PATCH", "/platform/organizations/{slug}/members/{gotrue_id}"): _member(
        "write:Create", "auth.subject_roles", detailed=True
    ),
    ("DELETE", "/platform/organizations/{slug}/members/{gotrue_id}"): _member(
        "write:Delete", "auth.subject_roles", anywhere=True, detailed=True
    ),
    ("PUT", "/platform/organizations/{slug}/members/{gotrue_id}/roles/{role_id}"): _member(
        "write:Create", "auth.subject_roles", detailed=True
    ),
    ("DELETE", "/platform/organizations/{slug}/members/{gotrue_id}/roles/{role_id}"): _member(
        "write:Delete", "auth.subject_roles", detailed=True
    ),
    ("GET", "/platform/organizations/{slug}/members/invitations"): _member(
        "read:Read", "user_invites", anywhere=True
    ),
    ("POST", "/platform/organizations/{slug}/members/invitations"): _member(
        "write:Create", "user_invites", detailed=True
    ),
    ("POST", "/platform/organizations/{slug}/members/invite"): _member(
        "write:Create", "user_invites", detailed=True
    ),
    ("DELETE", "/platform/organizations/{slug}/members/invitations/{invitation_id}"): _member(
        "write:Delete", "user_invites", detailed=True
    ),
    ("GET", "/platform/organizations/{slug}/members/mfa/enforcement"): _member(
        "read:Read", "organizations", anywhere=True
    ),
    ("PATCH", "/platform/organizations/{slug}/members/mfa/enforcement"): _member(
        "write:Update", "organizations"
    ),
    # Whoever has the token is no member yet.
    ("GET", "/platform/organizations/{slug}/members/invitations/{token}"): Open.ACCOUNT,
    ("POST", "/platform/organizations/{slug}/members/invitations/{token}"): Open.ACCOUNT,
    ("GET", "/platform/projects"): Open.ACCOUNT,
    ("POST", "/platform/projects"): _member("write:Create", "projects"),
    ("GET", "/platform/projects/{ref}"): _member("read:Read", "projects"),
    ("GET", "/platform/project/{ref}"): _member("read:Read", "projects"),
    ("DELETE", "/platform/projects/{ref}"): _member("write:Delete", "projects", removed=True),
    ("PATCH", "/platform/projects/{ref}"): _member("write:Update", "projects"),
    ("POST", "/platform/projects/{ref}/restart"): _member("infra:Execute", "reboot"),
    ("POST", "/platform/projects/{ref}/restart-services"): _member("infra:Execute", "reboot"),
    ("POST", "/platform/projects/{ref}/resize"): _member("write:Update", "projects"),
    ("POST", "/platform/projects/{ref}/billing/addons"): _member("write:Update", "projects"),
    ("DELETE", "/platform/projects/{ref}/billing/addons/{variant}"): _member(
        "write:Update", "projects"
    ),
    ("GET", "/platform/projects/{ref}/disk/util"): _member("read:Read", "projects"),
    ("GET", "/v1/projects/{ref}/config/disk/util"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/pause/status"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/restore/versions"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/members"): _member("read:Read", "auth.subject_roles"),
    ("GET", "/platform/projects/{ref}/status"): _member("read:Read", "projects", removed=True),
    ("GET", "/platform/project/{ref}/status"): _member("read:Read", "projects", removed=True),
    ("GET", "/platform/projects/{ref}/settings"): _member("read:Read", "projects"),
    ("GET", "/platform/project/{ref}/settings"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/api"): _member("read:Read", "projects"),
    ("GET", "/platform/project/{ref}/api"): _member("read:Read", "projects"),
    ("GET", "/platform/props/project/{ref}/api"): _member("read:Read", "projects"),
    ("POST", "/platform/projects/{ref}/pause"): _member(
        "infra:Execute", "queue_jobs.projects.pause"
    ),
    ("POST", "/platform/projects/{ref}/restore"): _member(
        "infra:Execute", "queue_jobs.projects.initialize_or_resume"
    ),
    ("GET", "/platform/projects/{ref}/events"): _member("read:Read", "projects", removed=True),
    ("GET", "/platform/projects/{ref}/databases"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/databases-statuses"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/config/pgbouncer"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/config/postgrest"): _member(
        "read:Read", "custom_config_postgrest"
    ),
    ("PATCH", "/platform/projects/{ref}/config/postgrest"): _member(
        "write:Update", "custom_config_postgrest"
    ),
    ("GET", "/platform/projects/{ref}/config/storage"): _member("storage:Admin:Read", "*"),
    ("PATCH", "/platform/projects/{ref}/config/storage"): _member("storage:Admin:Write", "*"),
    ("GET", "/platform/auth/{ref}/config"): _member("read:Read", "custom_config_gotrue"),
    ("PATCH", "/platform/auth/{ref}/config"): _member("write:Update", "custom_config_gotrue"),
    ("GET", "/v1/projects/{ref}/postgrest"): _member("read:Read", "custom_config_postgrest"),
    ("PATCH", "/v1/projects/{ref}/postgrest"): _member("write:Update", "custom_config_postgrest"),
    ("GET", "/v1/projects/{ref}/config/storage"): _member("storage:Admin:Read", "*"),
    ("PATCH", "/v1/projects/{ref}/config/storage"): _member("storage:Admin:Write", "*"),
    ("GET", "/v1/projects/{ref}/config/auth"): _member("read:Read", "custom_config_gotrue"),
    ("PATCH", "/v1/projects/{ref}/config/auth"): _member("write:Update", "custom_config_gotrue"),
    ("POST", "/platform/projects/{ref}/api-keys/temporary"): _member(
        "read:Read", "service_api_keys"
    ),
    ("GET", "/v1/projects/{ref}/api-keys"): _member("read:Read", "projects"),
    ("GET", "/v1/projects/{ref}/api-keys/legacy"): _member("read:Read", "projects"),
    ("GET", "/v1/projects/{ref}/api-keys/{key_id}"): _member("read:Read", "projects"),
    ("GET", "/v1/projects/{ref}/config/auth/signing-keys"): _member(
        "read:Read", "auth_signing_keys"
    ),
    ("GET", "/platform/projects/{ref}/service-versions"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/billing/addons"): _member("read:Read", "projects"),
    ("GET", "/platform/project/{ref}/billing/addons"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/supervisor"): _member("read:Read", "projects"),
    ("GET", "/platform/project/{ref}/supervisor"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/health"): _member("read:Read", "projects"),
    ("GET", "/platform/project/{ref}/health"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/upgrade/status"): _member("read:Read", "projects"),
    ("GET", "/v1/projects/{ref}/health"): _member("read:Read", "projects"),
    ("GET", "/v1/projects/{ref}/upgrade/eligibility"): _member("read:Read", "projects"),
    ("GET", "/v1/projects/{ref}/upgrade/status"): _member("read:Read", "projects"),
    ("GET", "/v1/projects/{ref}/network-restrictions"): _member("read:Read", "projects"),
    ("POST", "/v1/projects/{ref}/network-restrictions/apply"): _member("write:Update", "projects"),
    ("PATCH", "/v1/projects/{ref}/network-restrictions"): _member("write:Update", "projects"),
    ("GET", "/platform/organizations/{slug}/audit"): _member("read:Read", "notifications"),
    ("GET", "/platform/profile/audit"): Open.ACCOUNT,
    ("GET", "/platform/database/{ref}/backups"): _member("read:Read", "back_ups"),
    ("GET", "/v1/projects/{ref}/database/backups"): _member("read:Read", "back_ups"),
    ("GET", "/platform/notifications"): Open.ACCOUNT,
    ("PATCH", "/platform/notifications"): Open.ACCOUNT,
    ("GET", "/platform/notifications/summary"): Open.ACCOUNT,
    ("PATCH", "/platform/notifications/archive-all"): Open.ACCOUNT,
    ("GET", "/platform/projects/{ref}/content"): _member("read:Read", "user_content"),
    ("PUT", "/platform/projects/{ref}/content"): _member(
        "write:Update", "user_content", detailed=True
    ),
    ("PATCH", "/platform/projects/{ref}/content"): _member(
        "write:Update", "user_content", detailed=True
    ),
    ("DELETE", "/platform/projects/{ref}/content"): _member(
        "write:Delete", "user_content", detailed=True
    ),
    ("GET", "/platform/projects/{ref}/content/count"): _member("read:Read", "user_content"),
    ("GET", "/platform/projects/{ref}/content/item/{content_id}"): _member(
        "read:Read", "user_content"
    ),
    ("GET", "/platform/projects/{ref}/content/folders"): _member("read:Read", "user_content"),
    ("POST", "/platform/projects/{ref}/content/folders"): _member(
        "write:Create", "user_content", detailed=True
    ),
    ("DELETE", "/platform/projects/{ref}/content/folders"): _member(
        "write:Delete", "user_content", detailed=True
    ),
    ("GET", "/platform/projects/{ref}/content/folders/{folder_id}"): _member(
        "read:Read", "user_content"
    ),
    ("PATCH", "/platform/projects/{ref}/content/folders/{folder_id}"): _member(
        "write:Update", "user_content", detailed=True
    ),
    ("GET", "/v1/snippets"): _member("read:Read", "user_content"),
    ("GET", "/v1/snippets/{content_id}"): _member("read:Read", "user_content"),
    ("GET", "/v1/projects/{ref}/custom-hostname"): _member("read:Read", "projects"),
    # The constants of http/platform/constants.py. The flags are asked for before anybody signs in.
    ("GET", "/platform/telemetry/feature-flags"): Open.PUBLIC,
    ("POST", "/platform/telemetry/{event}"): Open.PUBLIC,
    ("GET", "/configcat/configuration-files/CONFIG-CAT-KEY/config_v5.json"): Open.PUBLIC,
    ("GET", "/configcat/configuration-files/configcat-proxy/frontend-v2/config_v6.json"): (
        Open.PUBLIC
    ),
    ("GET", "/platform/stripe/invoices/overdue"): Open.ACCOUNT,
    ("GET", "/platform/projects-resource-warnings"): Open.ACCOUNT,
    ("GET", "/platform/integrations/{name}"): Open.ACCOUNT,
    ("GET", "/platform/integrations/{name}/connections"): Open.ACCOUNT,
    ("GET", "/platform/integrations/{name}/authorization"): Open.ACCOUNT,
    ("GET", "/platform/integrations/{name}/repositories"): Open.ACCOUNT,
    ("GET", "/platform/organizations/{slug}/oauth/apps"): _member("read:Read", "organizations"),
    ("GET", "/platform/projects/{ref}/load-balancers"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/config/secrets/update-status"): _member(
        "read:Read", "projects"
    ),
    ("GET", "/platform/projects/{ref}/jwt-secret-update-status"): _member("read:Read", "projects"),
    ("GET", "/platform/project/{ref}/jwt-secret-update-status"): _member("read:Read", "projects"),
    ("GET", "/platform/props/project/{ref}/jwt-secret-update-status"): _member(
        "read:Read", "projects"
    ),
    ("GET", "/platform/projects/{ref}/infra-monitoring"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/config/supavisor"): _member("read:Read", "projects"),
    ("GET", "/platform/projects/{ref}/analytics/log-drains"): _member("analytics:Read", "logflare"),
    ("GET", "/platform/projects/{ref}/notifications/advisor/exceptions"): _member(
        "read:Read", "notifications"
    ),
    ("GET", "/v1/projects/{ref}/branches"): _member("read:Read", "preview_branches"),
    ("POST", "/v1/projects/{ref}/network-bans/retrieve"): _member("read:Read", "projects"),
    ("POST", "/platform/auth/{ref}/users"): _member("auth:Execute", "create_user"),
    ("PATCH", "/platform/auth/{ref}/users/{user}"): _member("auth:Execute", "*"),
    ("DELETE", "/platform/auth/{ref}/users"): _member("tenant:Sql:Write:Delete", "auth.users"),
    ("DELETE", "/platform/auth/{ref}/users/{user}"): _member(
        "tenant:Sql:Write:Delete", "auth.users"
    ),
    ("DELETE", "/platform/auth/{ref}/users/{user}/factors"): _member(
        "tenant:Sql:Write:Delete", "auth.mfa_factors"
    ),
    ("POST", "/platform/auth/{ref}/invite"): _member("auth:Execute", "invite_user"),
    ("POST", "/platform/auth/{ref}/magiclink"): _member("auth:Execute", "send_magic_link"),
    ("POST", "/platform/auth/{ref}/otp"): _member("auth:Execute", "send_otp"),
    ("POST", "/platform/auth/{ref}/recover"): _member("auth:Execute", "send_recovery"),
    ("GET", "/platform/storage/{ref}/buckets"): _member("storage:Admin:Read", "*"),
    ("POST", "/platform/storage/{ref}/buckets"): _member("storage:Admin:Write", "*"),
    ("GET", "/platform/storage/{ref}/buckets/{bucket}"): _member("storage:Admin:Read", "*"),
    ("PATCH", "/platform/storage/{ref}/buckets/{bucket}"): _member("storage:Admin:Write", "*"),
    ("DELETE", "/platform/storage/{ref}/buckets/{bucket}"): _member("storage:Admin:Write", "*"),
    ("POST", "/platform/storage/{ref}/buckets/{bucket}/empty"): _member("storage:Admin:Write", "*"),
    ("POST", "/platform/storage/{ref}/buckets/{bucket}/objects/list"): _member(
        "storage:Admin:Read", "*"
    ),
    ("POST", "/platform/storage/{ref}/buckets/{bucket}/objects/move"): _member(
        "storage:Admin:Write", "*"
    ),
    ("POST", "/platform/storage/{ref}/buckets/{bucket}/objects/public-url"): _member(
        "storage:Admin:Read", "*"
    ),
    ("POST", "/platform/storage/{ref}/buckets/{bucket}/objects/sign"): _member(
        "storage:Admin:Read", "*"
    ),
    ("POST", "/platform/storage/{ref}/buckets/{bucket}/objects/sign-multi"): _member(
        "storage:Admin:Read", "*"
    ),
    ("DELETE", "/platform/storage/{ref}/buckets/{bucket}/objects"): _member(
        "storage:Admin:Write", "*"
    ),
    ("GET", "/platform/projects/{ref}/analytics/endpoints/{name}"): _member(
        "analytics:Read", "logflare"
    ),
    ("POST", "/platform/projects/{ref}/analytics/endpoints/{name}"): _member(
        "analytics:Read", "logflare"
    ),
    ("GET", "/platform/projects/{ref}/api/rest"): _member("read:Read", "projects"),
    ("HEAD", "/platform/projects/{ref}/api/rest"): _member("read:Read", "projects"),
    ("POST", "/platform/projects/{ref}/api/graphql"): _member("tenant:Sql:Query", "*"),
    ("POST", "/platform/database/{ref}/hook-enable"): _member(
        "tenant:Sql:Admin:Write", "extensions"
    ),
    ("GET", "/v1/projects/{ref}/types/typescript"): _member("tenant:Sql:Admin:Read", "tables"),
    **{(route.method, route.path): Member(route.permission) for route in metaroutes.ROUTES},
}
